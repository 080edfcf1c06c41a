import Bus
import BusInProcess
import ControlModel
import Logging
import Synchronization
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Following settings", .timeLimit(.minutes(1)))
struct LevelFollowerTests {
    private struct Level: BusEvent {
        static let subject = "test.level"
        var revision: Int
    }

    /// What the owner has, and what the follower took, in order.
    private final class Record: Sendable {
        let owned = Mutex(1)
        let taken = Mutex<[Int]>([])
        let isReady = Mutex(false)
    }

    @Test("what was published and lost is found by asking; what is not newer is dropped")
    func lost() async throws {
        let bus = InProcessBus()
        let record = Record()
        let follower = LevelFollower<Level>(
            bus: bus,
            tailnet: .default,
            subject: "level",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            interval: .milliseconds(10),
            fetch: { Level(revision: record.owned.withLock { $0 }) },
            revision: { $0.revision },
            take: { level in record.taken.withLock { $0.append(level.revision) } }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await follower.run { record.isReady.withLock { $0 = true } } }
            try await eventually("the first answer is in") { record.isReady.withLock { $0 } }
            #expect(record.taken.withLock { $0 } == [1])
            record.owned.withLock { $0 = 2 }
            try await eventually("the next is found") { record.taken.withLock { $0 } == [1, 2] }
            try await bus.publish(Level(revision: 1), tailnet: .default)
            try await bus.publish(Level(revision: 7), tailnet: .default)
            try await eventually("what is published is taken") { record.taken.withLock { $0 } == [1, 2, 7] }
            record.owned.withLock { $0 = 5 }
            try await bus.publish(Level(revision: 8), tailnet: .default)
            try await eventually("only what is newer is taken") { record.taken.withLock { $0 } == [1, 2, 7, 8] }
            group.cancelAll()
        }
    }
}
