public import Logging

/// Tries again what needs another part that may be away.
public enum Retry {
    /// Soon at first, for parts that start together, and every five seconds in the end.
    public static let backoff = Backoff(first: .milliseconds(50), cap: .seconds(5), jitter: 0)

    /// Runs `work` until it does not throw, slower and slower; throws only when the task is cancelled.
    ///
    /// - Parameter clock: for waiting only.
    public static func untilDone(
        _ logger: Logger,
        _ subject: String,
        backoff: Backoff = Retry.backoff,
        clock: any Clock<Duration> = ContinuousClock(),
        _ work: () async throws -> Void
    ) async throws {
        var attempt = 0
        while true {
            do {
                return try await work()
            } catch {
                try Task.checkCancellation()
                logger.warning(
                    "not available yet, trying again",
                    metadata: [LogKey.subject: "\(subject)", LogKey.error: "\(error)"]
                )
                try await clock.sleep(for: backoff.delay(attempt: attempt))
                attempt += 1
            }
        }
    }
}
