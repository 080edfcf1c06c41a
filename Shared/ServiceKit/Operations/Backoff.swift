/// Delays between the attempts of something that may fail for a while.
///
/// The n-th delay grows twofold from `first` to `cap`; up to `jitter` of it is taken away, so that many clients of
/// one failed server do not return together.
public struct Backoff: Sendable {
    public var first: Duration
    public var cap: Duration
    /// Share of the delay that may be taken away, 0 to 1.
    public var jitter: Double

    public init(first: Duration = .milliseconds(200), cap: Duration = .seconds(30), jitter: Double = 0.5) {
        self.first = first
        self.cap = cap
        self.jitter = min(max(jitter, 0), 1)
    }

    /// - Parameter attempt: 0 for the delay after the first failure.
    public func delay(attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
        var delay = min(first, cap)
        // 62 doublings of anything reach any cap; the loop ends earlier at it.
        for _ in 0..<min(max(attempt, 0), 62) where delay < cap { delay = min(delay * 2, cap) }
        return delay * (1 - Double.random(in: 0..<1, using: &random) * jitter)
    }

    public func delay(attempt: Int) -> Duration {
        var random = SystemRandomNumberGenerator()
        return delay(attempt: attempt, using: &random)
    }
}
