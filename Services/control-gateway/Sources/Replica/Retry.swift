import Logging
import ServiceKit

/// Tries again at start-up and after a part was away.
enum Retry {
    private static let firstDelay = Duration.milliseconds(50)
    private static let longestDelay = Duration.seconds(5)

    /// Runs `work` until it does not throw, slower and slower; throws only when the task is cancelled.
    static func untilDone(_ logger: Logger, _ subject: String, _ work: () async throws -> Void) async throws {
        var delay = firstDelay
        while true {
            do {
                return try await work()
            } catch {
                try Task.checkCancellation()
                logger.warning(
                    "not available yet, trying again",
                    metadata: [LogKey.subject: "\(subject)", LogKey.error: "\(error)"]
                )
                try await Task.sleep(for: delay)
                delay = min(delay * 2, longestDelay)
            }
        }
    }
}
