import Bus
import BusInProcess
import ControlModel
import Logging
import ServiceKit
import Synchronization
import TestKit
import Testing

@Suite("Following the registry", .timeLimit(.minutes(1)))
struct ChangeFollowerTests {
    private let bus = InProcessBus()
    private let registry = Registry()
    private let copy = Copy()

    /// Has a log and answers for it; what it commits is told when a test says so.
    private actor Registry {
        private(set) var log: [RegistryChange] = []
        /// Changes up to this are forgotten.
        var forgotten: Version = 0
        private(set) var asked: [String] = []
        private var failures = 0

        func commit(_ count: Int) -> [RegistryChange] {
            let new = (1...count).map { step -> RegistryChange in
                let version = Version(log.count + step)
                var node = Node.fixture(version)
                node.version = version
                return RegistryChange(version: version, subject: .node(node))
            }
            log += new
            return new
        }

        func forget() { forgotten = Version(log.count) }

        func fail(_ count: Int) { failures = count }

        func snapshot(_ request: FetchSnapshot) throws -> FetchSnapshot.Response {
            asked.append("snapshot")
            guard failures == 0 else {
                failures -= 1
                throw RequestFailure(.unavailable, "not now")
            }
            let nodes = log.compactMap { change -> Node? in
                guard case .node(let node) = change.subject else { return nil }
                return request.after.map { node.id > $0 } ?? true ? node : nil
            }
            // Two a part, so that readers must ask on.
            let part = nodes.prefix(2)
            return FetchSnapshot.Response(
                version: Version(log.count),
                users: [],
                nodes: Array(part),
                next: nodes.count > part.count ? part.last?.id : nil
            )
        }

        func changes(_ request: FetchChanges) -> FetchChanges.Response {
            asked.append("changes")
            let isKept = request.since >= forgotten
            return FetchChanges.Response(
                changes: isKept ? log.filter { $0.version > request.since } : nil,
                version: Version(log.count)
            )
        }
    }

    /// What it shows is the versions that it has seen, in order.
    private actor Copy: RegistryCopy {
        private(set) var versions: [Version] = []
        private(set) var snapshots = 0
        private var refusals = 0

        func refuse(_ count: Int) { refusals = count }

        func apply(_ changes: [RegistryChange]) -> Bool {
            guard refusals == 0 else {
                refusals -= 1
                return false
            }
            versions += changes.map(\.version)
            return true
        }

        func replace(with snapshot: RegistrySnapshot) -> Version {
            snapshots += 1
            versions = snapshot.nodes.map(\.version)
            return snapshot.version
        }
    }

    private final class Readiness: Sendable {
        let count = Mutex(0)
    }

    private func following(_ body: () async throws -> Void) async throws {
        let readiness = Readiness()
        let follower = ChangeFollower(
            bus: bus,
            tailnet: .default,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            backoff: Backoff(first: .milliseconds(1), cap: .milliseconds(1), jitter: 0)
        )
        try await withThrowingTaskGroup { group in
            group.addTask { [bus, registry] in
                try await bus.serve(FetchSnapshot.self, tailnet: .default) { try await registry.snapshot($0) }
            }
            group.addTask { [bus, registry] in
                try await bus.serve(FetchChanges.self, tailnet: .default) { await registry.changes($0) }
            }
            group.addTask { [copy] in
                try await follower.run(copy) { readiness.count.withLock { $0 += 1 } }
            }
            try await eventually("the first snapshot is in") { readiness.count.withLock { $0 } > 0 }
            try await body()
            group.cancelAll()
        }
        #expect(readiness.count.withLock { $0 } == 1)
    }

    private func publish(_ changes: some Sequence<RegistryChange>, version: Version? = nil) async throws {
        try await bus.publish(RegistryChanges(changes: Array(changes), version: version), tailnet: .default)
    }

    private func expect(_ last: Version) async throws {
        try await eventually("the copy has all", read: { await copy.versions }) { $0 == Array(1...last) }
    }

    @Test("it begins with a snapshot, in parts, and goes on with events, whatever order they come in")
    func order() async throws {
        _ = await registry.commit(5)
        try await following {
            #expect(await copy.versions == [1, 2, 3, 4, 5])
            let changes = await registry.commit(4)
            try await publish(changes[2...3])
            try await publish(changes[0...0])
            try await publish(changes[0...1])
            try await expect(9)
            #expect(await copy.snapshots == 1)
        }
    }

    @Test("what is lost is asked for when a later event, or a word about the version, shows that it is missing")
    func lost() async throws {
        try await following {
            _ = await registry.commit(3)
            try await publish(await registry.commit(1))
            try await expect(4)
            _ = await registry.commit(2)
            try await publish([], version: 6)
            try await expect(6)
            #expect(await registry.asked == ["snapshot", "changes", "changes"])
        }
    }

    @Test("what was lost too long ago comes with a snapshot")
    func forgotten() async throws {
        try await following {
            _ = await registry.commit(3)
            await registry.forget()
            try await publish([], version: 3)
            try await expect(3)
            #expect(await copy.snapshots == 2)
            try await publish(await registry.commit(1))
            try await expect(4)
        }
    }

    @Test("a copy that does not fit to what comes gets a snapshot, and goes on from there")
    func misfit() async throws {
        try await following {
            await copy.refuse(1)
            try await publish(await registry.commit(2))
            try await expect(2)
            #expect(await copy.snapshots == 2)
            try await publish(await registry.commit(1))
            try await expect(3)
            #expect(await copy.snapshots == 2)
        }
    }

    @Test("a registry that does not answer is asked again")
    func away() async throws {
        _ = await registry.commit(1)
        await registry.fail(3)
        try await following {
            #expect(await copy.versions == [1])
            #expect(await registry.asked.count == 4)
            // Away again, just when a snapshot is wanted.
            _ = await registry.commit(2)
            await registry.forget()
            await registry.fail(2)
            try await publish([], version: 3)
            try await expect(3)
        }
    }

    @Test("a version that does not exist is asked about, and forgotten")
    func phantom() async throws {
        _ = await registry.commit(1)
        try await following {
            try await publish([], version: 9)
            try await eventually("it was asked about") { await registry.asked.last == "changes" }
            try await publish(await registry.commit(1))
            try await expect(2)
        }
    }

    @Test("without events nothing is followed")
    func noEvents() async {
        let follower = ChangeFollower(
            bus: BrokenBus(bus, subjects: [RegistryChanges.subject]),
            tailnet: .default,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await #expect(throws: BusError.self) { try await follower.run(copy) }
    }
}
