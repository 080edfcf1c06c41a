import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import Logging
import PolicyService
import Storage
import StorageSQLite
import Synchronization
import TestKit

/// A policy service beside a registry that is a table in memory.
struct PolicyHarness: Sendable {
    let bus = InProcessBus()
    let directory: TemporaryDirectory
    let store: SQLiteStore
    let registry = FakeTailnet()

    init() throws {
        directory = try TemporaryDirectory()
        store = try SQLiteStore(path: directory.path("policies.sqlite"))
    }

    var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    func service(
        _ source: PolicyService.Source = .database,
        store: (any PolicyStore)? = nil,
        reloads: AsyncStream<Void> = AsyncStream { $0.finish() }
    ) -> PolicyService {
        var configuration = PolicyService.Configuration(source: source)
        configuration.watchInterval = .milliseconds(5)
        configuration.repetition = .milliseconds(20)
        return PolicyService(
            configuration: configuration,
            dependencies: .init(
                store: store ?? self.store,
                bus: bus,
                logger: logger,
                now: { .fixture },
                reloads: reloads
            )
        )
    }

    /// Runs services, and the registry, while `body` runs.
    func running(_ services: PolicyService..., body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try? await registry.serve(on: bus) }
            for service in services { group.addTask { try await service.run() } }
            try await body()
            group.cancelAll()
        }
    }

    /// Runs a service that is to end by itself.
    func run(_ service: PolicyService) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try? await registry.serve(on: bus) }
            defer { group.cancelAll() }
            try await service.run()
        }
    }

    func ask<Request: BusRequest>(_ request: Request) async throws -> Request.Response {
        try await bus.request(request, tailnet: .default)
    }

    /// Sets a policy, asking again while users and nodes are not known yet.
    @discardableResult
    func set(_ text: String, note: String = "", expected: Int? = nil) async throws -> PolicyVerdict {
        let request = SetPolicy(text: text, author: "ann", note: note, expected: expected)
        var verdict: PolicyVerdict?
        try await eventually("the service takes policies") {
            do {
                verdict = try await ask(request)
                return true
            } catch BusError.refused(let failure) where failure.reason == .unavailable {
                return false
            }
        }
        guard let verdict else { throw RequestFailure.internalError }
        return verdict
    }

    var inForce: PolicyPublished {
        get async throws { try await ask(FetchPolicy()) }
    }

    func write(_ text: String, to file: String = "policy.hujson") throws -> String {
        let path = directory.path(file)
        try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        return path
    }
}

/// Users and nodes as a registry tells them.
final class FakeTailnet: Sendable {
    private struct State {
        var users: [User] = [.fixture(1, name: "ann"), .fixture(2, name: "bob")]
        var nodes: [Node] = []
        var version: Version = 3
        var log: [RegistryChange] = []
        var approvals: [ApproveNodeRoutes] = []
        var refusals = 0
    }

    private let state = Mutex(State())

    init() {
        state.withLock { state in
            state.users[0].email = "ann@example.com"
            state.users[0].role = .owner
            state.nodes = [Self.node(1, user: 1), Self.node(2, user: 2)]
        }
    }

    static func node(_ number: Int64, user: Int64? = nil, tags: [String] = []) -> Node {
        var node = Node.fixture(number, user: user.map { .fixture($0) })
        node.tags = tags
        node.ipv4 = IPv4Address(0x6440_0000 + UInt32(number))
        node.ipv6 = nil
        node.version = number
        return node
    }

    /// Commits a node; the event is the caller's to publish, or to lose.
    func commit(_ node: Node) -> RegistryChanges {
        state.withLock { state in
            var node = node
            state.version += 1
            node.version = state.version
            state.nodes.removeAll { $0.id == node.id }
            state.nodes.append(node)
            let change = RegistryChange(version: state.version, subject: .node(node))
            state.log.append(change)
            return RegistryChanges(changes: [change])
        }
    }

    func serve(on bus: InProcessBus) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await bus.serve(FetchSnapshot.self, tailnet: .default) { _ in
                    self.state.withLock { .init(version: $0.version, users: $0.users, nodes: $0.nodes, next: nil) }
                }
            }
            group.addTask {
                try await bus.serve(FetchChanges.self, tailnet: .default) { request in
                    self.state.withLock { state in
                        .init(changes: state.log.filter { $0.version > request.since }, version: state.version)
                    }
                }
            }
            group.addTask {
                try await bus.serve(ApproveNodeRoutes.self, tailnet: .default) { request in
                    try self.state.withLock { state in
                        state.approvals.append(request)
                        if state.refusals > 0 {
                            state.refusals -= 1
                            throw RequestFailure(.unavailable, "the database does not answer")
                        }
                        return Done()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What was asked to be approved, in order.
    var approvals: [ApproveNodeRoutes] { state.withLock { $0.approvals } }

    /// Lets the next approvals fail for now.
    func refuseApprovals(_ count: Int) { state.withLock { $0.refusals = count } }
}
