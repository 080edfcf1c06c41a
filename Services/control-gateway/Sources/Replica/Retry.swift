import Logging
import ServiceKit

/// Tries again at start-up and after a part was away.
enum Retry {
    private static let backoff = Backoff(first: .milliseconds(50), cap: .seconds(5), jitter: 0)

    /// Runs `work` until it does not throw, slower and slower; throws only when the task is cancelled.
    static func untilDone(_ logger: Logger, _ subject: String, _ work: () async throws -> Void) async throws {
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
                try await Task.sleep(for: backoff.delay(attempt: attempt))
                attempt += 1
            }
        }
    }
}
