/// When gathered reports are written.
///
/// A lone report is written at once. What comes while a batch is being written goes with the next one, which waits, in proportion
/// to what the last one cost, so that writing reports takes at most a fifth of the time; never longer than ``longestPause``.
struct StatusPace: Sendable {
    /// Waiting is this many times the cost of the last batch.
    private static let costFactor = 4

    /// The upper bound of the time from the end of one batch to the start of the next.
    var longestPause: Duration
    /// How long even a lone report waits for others.
    var gathering = Duration.zero

    /// How long after a batch the next one may begin.
    func pause(afterCost cost: Duration) -> Duration {
        // Compared before it is multiplied: a cost may be anything where a clock was set.
        guard cost < longestPause else { return longestPause }
        return min(longestPause, max(.zero, cost) * Self.costFactor)
    }
}
