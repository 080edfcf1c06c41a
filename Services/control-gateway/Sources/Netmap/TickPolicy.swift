import NIOCore

/// When gathered changes go out.
///
/// A lone change goes out at once. Under load the next batch waits, in proportion to what the last one cost, so that making
/// batches takes at most a fifth of the time; never longer than ``longestWait``.
struct TickPolicy {
    /// The upper bound of a change's wait.
    static let longestWait = TimeAmount.milliseconds(250)
    /// Waiting is this many times the cost of the last batch.
    private static let costFactor: Int64 = 4

    private var earliestNext = NIODeadline.uptimeNanoseconds(0)

    /// When a change that arrives at `now` should go out: `now` itself for a lone one.
    func deadline(now: NIODeadline) -> NIODeadline {
        max(now, earliestNext)
    }

    /// A batch was made from `started` to `ended`.
    mutating func flushed(started: NIODeadline, ended: NIODeadline) {
        let cost = max(0, (ended - started).nanoseconds)
        let wait = min(Self.longestWait.nanoseconds, cost * Self.costFactor)
        earliestNext = ended + .nanoseconds(wait)
    }
}
