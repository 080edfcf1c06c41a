import Logging
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ends the process when it is told to: at the first signal in good order; at the second, or when that takes too long, at once.
struct StopSignals {
    /// How long the services have to stop by themselves, before they are cancelled.
    static let gracefulLimit = Duration.seconds(8)
    /// How long a stop takes at most.
    static let limit = Duration.seconds(10)

    let logger: Logger

    /// Waits for signals until it is cancelled.
    func watch(_ group: ServiceGroup) async {
        var signals = await UnixSignalsSequence(trapping: .sigterm, .sigint).makeAsyncIterator()
        guard await signals.next() != nil else { return }
        logger.notice("stopping")
        await group.triggerGracefulShutdown()
        await withDiscardingTaskGroup { tasks in
            tasks.addTask {
                guard (try? await Task.sleep(for: Self.limit)) != nil else { return }
                logger.error("the process did not stop in time and ends now")
                // Not exit(3): what hangs may hang its handlers too.
                _exit(EXIT_FAILURE)
            }
            if await signals.next() != nil {
                logger.warning("told to stop twice, ending now")
                _exit(EXIT_FAILURE)
            }
        }
    }
}
