import Foundation
import Synchronization

/// The time of a system under test: the real one, which a test may move on.
final class SystemTime: Sendable {
    private let offset = Mutex(Duration.zero)
    private let start = ContinuousClock.now

    func advance(by duration: Duration) {
        offset.withLock { $0 += duration }
    }

    /// The wall clock.
    var now: Date { Date().addingTimeInterval(offset.withLock { $0 } / .seconds(1)) }

    /// Never goes back.
    var uptime: Duration { ContinuousClock.now - start + offset.withLock { $0 } }
}

/// A clock for waiting only, which runs faster than the real one, so that tests do not wait for periodic work.
struct FastClock: Clock {
    private static let factor = 20

    struct Instant: InstantProtocol {
        fileprivate var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private let start = ContinuousClock.now

    var now: Instant { Instant(offset: (ContinuousClock.now - start) * Self.factor) }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: max(.zero, now.duration(to: deadline) / Self.factor))
    }
}
