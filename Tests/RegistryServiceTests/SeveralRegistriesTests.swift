import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import Logging
import Storage
import StorageSQLite
import Synchronization
import TestKit
import Testing

@testable import RegistryService

/// Two registries on one database and one bus.
@Suite("Several registries", .timeLimit(.minutes(2)))
struct SeveralRegistriesTests {
    private struct Pair {
        let first: RegistryHarness
        let second: RegistryHarness

        var both: [RegistryHarness] { [first, second] }

        /// What was reserved for commits and not settled.
        var stillReserved: Int {
            get async { await first.registry.allocator.reservedCount + second.registry.allocator.reservedCount }
        }
    }

    private final class Answers: Sendable {
        let nodes = Mutex<[NodeID]>([])
    }

    private func run(
        _ kind: SharedDatabase.Kind,
        configure: @Sendable (inout RegistryService.Configuration) -> Void = { _ in },
        _ body: (Pair) async throws -> Void
    ) async throws {
        let database = try await SharedDatabase(kind)
        let (bus, time) = (InProcessBus(), ManualTime())
        try await run(database, bus, time, configure) { first in
            try await run(database, bus, time, configure) { second in
                try await body(Pair(first: first, second: second))
            }
        }
    }

    private func run(
        _ database: SharedDatabase,
        _ bus: InProcessBus,
        _ time: ManualTime = ManualTime(),
        _ configure: (inout RegistryService.Configuration) -> Void = { _ in },
        _ body: (RegistryHarness) async throws -> Void
    ) async throws {
        try await database.withStore { store in
            try await RegistryHarness.run(
                in: database.directory,
                bus: bus,
                time: time,
                store: store,
                configure: configure,
                body
            )
        }
    }

    @Test(
        "two hundred registrations at each at once all get in, with nothing given twice",
        arguments: SharedDatabase.Kind.allCases,
        [true, false]
    )
    func crowd(kind: SharedDatabase.Kind, isSameName: Bool) async throws {
        try await run(kind) { pair in
            let key = try await pair.first.authKey(try await pair.first.user().id)
            let nodes = try await withThrowingTaskGroup { group in
                for number in 1...400 {
                    let registry = pair.both[number % 2].registry
                    let hostname = isSameName ? "web" : "web\(number)"
                    let request = RegisterNode.fixture(machine: number, node: number, authKey: key, hostname: hostname)
                    group.addTask {
                        guard case .registered(let node, _) = try await registry.register(request) else {
                            throw Unexpected(description: "not registered")
                        }
                        return node
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(nodes.map(\.id)).count == 400)
            #expect(Set(nodes.map(\.ipv4)).count == 400)
            #expect(Set(nodes.map(\.ipv6)).count == 400)
            #expect(Set(nodes.map(\.givenName)).count == 400)
            #expect(try await pair.first.ask(ListNodes()).count == 400)
            #expect(await pair.stillReserved == 0)
            // Each decision takes an id, and each registry may have a block of them left.
            let ids = try await pair.first.store.allocations(of: .default).nextNodeID - 1
            let clashes = Int(ids) - 400 - 2 * IdentifierBlocks.limit
            // Of the same name each may lose its first choice; of different ones nothing clashes.
            #expect(clashes <= (isSameName ? 400 : 0), "\(ids) ids")
        }
    }

    @Test("one single-use key at both lets one device in", arguments: SharedDatabase.Kind.allCases)
    func singleUse(kind: SharedDatabase.Kind) async throws {
        try await run(kind) { pair in
            let key = try await pair.first.authKey(try await pair.first.user().id, isReusable: false)
            let responses = try await withThrowingTaskGroup { group in
                for number in 1...100 {
                    let registry = pair.both[number % 2].registry
                    group.addTask {
                        try await registry.register(.fixture(machine: number, node: number, authKey: key))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(responses.count { $0 == .refused("authkey already used") } == 99)
            #expect(try await pair.first.ask(ListNodes()).count == 1)
        }
    }

    @Test(
        "one device that asks both at once gets one node, also with a single-use key",
        arguments: SharedDatabase.Kind.allCases,
        [true, false]
    )
    func sameDevice(kind: SharedDatabase.Kind, isReusable: Bool) async throws {
        try await run(kind) { pair in
            let key = try await pair.first.authKey(try await pair.first.user().id, isReusable: isReusable)
            let ids = try await withThrowingTaskGroup { group in
                for number in 1...40 {
                    let registry = pair.both[number % 2].registry
                    group.addTask {
                        guard case .registered(let node, _) = try await registry.register(.fixture(authKey: key)) else {
                            throw Unexpected(description: "not registered")
                        }
                        return node.id
                    }
                }
                return try await group.reduce(into: Set<NodeID>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test(
        "the last addresses of a small prefix are given once, and what one frees the other gives out",
        arguments: SharedDatabase.Kind.allCases
    )
    func smallPrefix(kind: SharedDatabase.Kind) async throws {
        let tiny: @Sendable (inout RegistryService.Configuration) -> Void = {
            ($0.ipv4Prefix, $0.ipv6Prefix) = (IPPrefix("100.64.0.0/28"), nil)
        }
        try await run(kind, configure: tiny) { pair in
            let key = try await pair.first.authKey(try await pair.first.user().id)
            let responses = try await withThrowingTaskGroup { group in
                for number in 1...20 {
                    let registry = pair.both[number % 2].registry
                    group.addTask {
                        try await registry.register(.fixture(machine: number, node: number, authKey: key))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let nodes = responses.compactMap { if case .registered(let node, _) = $0 { node } else { nil } }
            #expect(Set(nodes.map(\.ipv4)).count == 14)
            #expect(nodes.count == 14)
            let gone = try #require(nodes.first)
            _ = try await pair.first.ask(DeleteNode(node: gone.id))
            let request = RegisterNode.fixture(machine: 99, node: 99, authKey: key)
            guard case .registered(let node, _) = try await pair.second.registry.register(request) else {
                throw Unexpected(description: "not registered")
            }
            #expect(node.ipv4 == gone.ipv4)
        }
    }

    @Test(
        "nodes move into a new prefix at both at once, while others register: nobody shares an address",
        arguments: SharedDatabase.Kind.allCases
    )
    func moves(kind: SharedDatabase.Kind) async throws {
        let database = try await SharedDatabase(kind)
        let (bus, time) = (InProcessBus(), ManualTime())
        var key = ""
        try await run(database, bus, time, { $0.ipv4Prefix = IPPrefix("100.64.0.0/16") }) { only in
            key = try await only.authKey(try await only.user().id)
            for number in 1...100 {
                _ = try await only.admit(.fixture(machine: number, node: number, authKey: key, hostname: "n\(number)"))
            }
        }
        let moved: @Sendable (inout RegistryService.Configuration) -> Void = {
            $0.ipv4Prefix = IPPrefix("100.80.0.0/22")
        }
        try await run(database, bus, time, moved) { first in
            try await run(database, bus, time, moved) { second in
                let pair = Pair(first: first, second: second)
                try await withThrowingTaskGroup { group in
                    for registry in pair.both.map(\.registry) {
                        group.addTask { while try await !registry.backfill().isComplete {} }
                    }
                    for number in 101...200 {
                        let registry = pair.both[number % 2].registry
                        let request = RegisterNode.fixture(
                            machine: number,
                            node: number,
                            authKey: key,
                            hostname: "n\(number)"
                        )
                        group.addTask {
                            guard case .registered = try await registry.register(request) else {
                                throw Unexpected(description: "not registered")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let nodes = try await first.ask(ListNodes())
                let prefix = try #require(IPPrefix("100.80.0.0/22"))
                #expect(nodes.count == 200 && Set(nodes.compactMap(\.ipv4)).count == 200)
                #expect(nodes.allSatisfy { node in node.ipv4.map { prefix.contains(.v4($0)) } == true })
                #expect(await pair.stillReserved == 0)
                let records = try await first.ask(ListAuditRecords(query: AuditQuery(limit: 1000)))
                    .filter { $0.before["addresses"]?.hasPrefix("100.64.") == true }
                #expect(records.count == 100)
                #expect(records.allSatisfy { $0.after["addresses"]?.hasPrefix("100.8") == true })
            }
        }
    }

    @Test(
        "presence reported to either is one, and is ended once by whoever looks",
        arguments: SharedDatabase.Kind.allCases
    )
    func presence(kind: SharedDatabase.Kind) async throws {
        try await run(kind) { pair in
            let node = try await pair.first.admitOne()
            for registry in pair.both.map(\.registry) {
                _ = try await registry.reportPresence(
                    ReportPresence(gateway: "g", connected: [node.id], disconnected: [], isComplete: false)
                )
            }
            let version = try await pair.first.version()
            _ = try await pair.second.registry.reportPresence(
                ReportPresence(gateway: "g", connected: [], disconnected: [node.id], isComplete: false)
            )
            for registry in pair.both.map(\.registry) { await registry.watchPresence() }
            for _ in 1...10 {
                #expect(try await pair.first.node(node.id)?.isOnline == true)
                pair.first.time.advance(by: .seconds(1))
                await withDiscardingTaskGroup { group in
                    for registry in pair.both.map(\.registry) { group.addTask { await registry.watchPresence() } }
                }
            }
            #expect(try await pair.first.node(node.id)?.isOnline == false)
            #expect(try await pair.first.version() == version + 1)
        }
    }

    @Test("an ephemeral node that went offline at one is removed by the other", arguments: SharedDatabase.Kind.allCases)
    func ephemeral(kind: SharedDatabase.Kind) async throws {
        try await run(kind) { pair in
            let node = try await pair.first.admitOne(isEphemeral: true)
            for held in [[node.id], []] {
                _ = try await pair.first.registry.reportPresence(
                    ReportPresence(gateway: "g", connected: held, disconnected: [], isComplete: true)
                )
            }
            await pair.first.registry.watchPresence()
            await pair.first.pass(.seconds(10))
            #expect(try await pair.first.node(node.id)?.isOnline == false)
            pair.first.time.advance(by: .seconds(30 * 60))
            await withDiscardingTaskGroup { group in
                for registry in pair.both.map(\.registry) { group.addTask { await registry.removeIdleEphemerals() } }
            }
            #expect(try await pair.first.node(node.id) == nil)
        }
    }

    @Test(
        "a registry that ends in the middle of two hundred registrations loses none that was answered",
        arguments: SharedDatabase.Kind.allCases
    )
    func killed(kind: SharedDatabase.Kind) async throws {
        let database = try await SharedDatabase(kind)
        let bus = InProcessBus()
        let answered = Answers()
        try await run(database, bus) { survivor in
            let key = try await survivor.authKey(try await survivor.user().id)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await run(database, bus) { _ in
                        try await eventually("some are in") { answered.nodes.withLock(\.count) >= 50 }
                    }
                }
                for number in 1...200 {
                    let request = RegisterNode.fixture(machine: number, node: number, authKey: key, hostname: "web")
                    group.addTask {
                        let node = try await survivor.insist(request)
                        answered.nodes.withLock { $0.append(node) }
                    }
                }
                try await group.waitForAll()
            }
            let nodes = try await survivor.ask(ListNodes())
            #expect(Set(nodes.map(\.id)) == Set(answered.nodes.withLock(\.self)))
            #expect(nodes.count == 200)
            #expect(Set(nodes.map(\.machineKey)).count == 200)
        }
    }

    @Test("a part that fails ends the registry, though others go on")
    func failingPart() async throws {
        let directory = try TemporaryDirectory()
        let service = RegistryService(
            configuration: .init(masterKey: .file(directory.path("master.key"))),
            dependencies: .init(
                store: try SQLiteStore(path: directory.path("registry.sqlite")),
                bus: BrokenBus(InProcessBus(), subjects: [CreateUser.subject]),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                now: { .fixture }
            )
        )
        await #expect(throws: BusError.self) { try await service.run() }
    }
}

extension RegistryHarness {
    /// Registers as a client does: again, when the answer does not come or says that something is away.
    fileprivate func insist(_ request: RegisterNode) async throws -> NodeID {
        while true {
            do {
                let response = try await bus.request(request, tailnet: .default, timeout: .seconds(5))
                guard case .registered(let node, _) = response else { throw Unexpected(description: "\(response)") }
                return node.id
            } catch BusError.refused(let failure) where failure.reason == .unavailable {
                continue
            } catch BusError.timeout {
                continue
            }
        }
    }
}
