import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import Keys
import Logging
import ServiceLifecycle
import Storage
import StorageSQLite
import TestKit
import Testing

@testable import RegistryService

@Suite("Copies of the registry", .timeLimit(.minutes(1)))
struct ReplicaTests {
    @Test("a snapshot in parts holds all users and nodes")
    func snapshot() async throws {
        try await RegistryHarness.run(configure: { $0.pageLength = 2 }) { harness in
            for number in 1...5 { _ = try await harness.admitOne(number: number) }
            var after: NodeID?
            var nodes: [Node] = []
            let version = try await harness.version()
            repeat {
                let part = try await harness.ask(FetchSnapshot(after: after))
                #expect(part.users.count == (after == nil ? 1 : 0))
                #expect(part.version == version)
                nodes += part.nodes
                after = part.next
            } while after != nil
            #expect(try await harness.ask(ListNodes()) == nodes)
        }
    }

    @Test("changes are told in parts until there are no more; too long ago asks for a snapshot")
    func changes() async throws {
        try await RegistryHarness.run(configure: { ($0.pageLength, $0.changeLogLength) = (2, 3) }) { harness in
            for number in 1...3 { _ = try await harness.user("user\(number)") }
            let first = try await harness.ask(FetchChanges(since: 0))
            #expect(first.changes?.map(\.version) == [1, 2])
            #expect(first.version == 3)
            #expect(try await harness.ask(FetchChanges(since: 3)).changes == [])
            for number in 4...5 { _ = try await harness.user("user\(number)") }
            await harness.registry.trimChanges()
            #expect(try await harness.ask(FetchChanges(since: 1)).changes == nil)
            #expect(try await harness.ask(FetchChanges(since: 2)).changes?.count == 2)
        }
    }

    @Test("a node is looked up by its current key, and the registry says that it is well")
    func lookUp() async throws {
        try await RegistryHarness.run { harness in
            let node = try await harness.admitOne()
            #expect(try await harness.ask(LookupNode(nodeKey: .fixture(1))).node == node)
            #expect(try await harness.ask(LookupNode(nodeKey: .fixture(2))).node == nil)
            _ = try await harness.ask(CheckRegistry())
        }
    }

    @Test("a change is published at once after a gap that another process made")
    func gap() async throws {
        try await RegistryHarness.run { harness in
            let events = try await harness.bus.events(RegistryChanges.self, tailnet: .default)
            _ = try await harness.store.commit([.createUser(.fixture(1, name: "elsewhere"))], tailnet: .default)
            let user = try await harness.user("here")
            let event = await events.first { !$0.changes.isEmpty }
            #expect(event?.changes == [RegistryChange(version: 2, subject: .user(user))])
        }
    }

    @Test("changes of commits that end out of order are published in order")
    func publishingOrder() async throws {
        let bus = InProcessBus()
        let events = try await bus.events(RegistryChanges.self, tailnet: .default)
        let publisher = ChangePublisher(
            after: 5,
            bus: bus,
            tailnet: .default,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            metrics: RegistryMetrics()
        )
        let commits = [Version(7), 6, 9, 8].map { ($0, publisher.begin()) }
        for (version, ticket) in commits {
            publisher.end(ticket, [RegistryChange(version: version, subject: .apiKey(.fixture(version)))])
        }
        publisher.tell(9)
        publisher.finish()
        await publisher.run()
        var versions: [[Version]] = []
        for await event in events {
            versions.append(event.changes.map(\.version))
            if event.version == 9 { break }
        }
        #expect(versions == [[6, 7], [8, 9], []])
    }

    @Test("the version is told every second, without changes")
    func version() async throws {
        try await RegistryHarness.run { harness in
            let events = try await harness.bus.events(RegistryChanges.self, tailnet: .default)
            _ = try await harness.user()
            // One may have been on its way before the user was there.
            let event = await events.first { ($0.version ?? 0) > 0 }
            #expect(event == RegistryChanges(changes: [], version: 1))
        }
    }

    @Test("a graceful shutdown writes and publishes what was reported before")
    func gracefulShutdown() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(path: directory.path("registry.sqlite"))
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        let bus = InProcessBus()
        let events = try await bus.events(RegistryChanges.self, tailnet: .default)
        var configuration = RegistryService.Configuration(masterKey: .file(directory.path("master.key")))
        configuration.statusGathering = .seconds(3600)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let service = RegistryService(
            configuration: configuration,
            dependencies: .init(store: store, bus: bus, logger: logger, now: { .fixture })
        )
        let group = ServiceGroup(services: [service], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let report = ReportNodeStatus(node: .fixture(1), status: NodeStatus(homeDERP: 900))
            _ = try await bus.request(report, tailnet: .default)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try await store.node(.fixture(1), tailnet: .default)?.homeDERP == 900)
        #expect(await events.first { !$0.changes.isEmpty }?.changes.map(\.version) == [3])
    }

    @Test("a registry without any address prefix does not start")
    func noPrefix() async throws {
        await #expect(throws: RegistryServiceError.self) {
            try await RegistryHarness.run(configure: { ($0.ipv4Prefix, $0.ipv6Prefix) = (nil, nil) }) { _ in }
        }
    }
}
