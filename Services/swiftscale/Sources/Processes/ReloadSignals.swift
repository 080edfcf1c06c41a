import ServiceLifecycle
import UnixSignals

/// Passes on SIGHUP, which without it ends the process.
struct ReloadSignals: Service {
    /// One element for each signal; several that nobody looked at are one.
    let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func run() async throws {
        defer { continuation.finish() }
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { continuation.yield() }
    }
}
