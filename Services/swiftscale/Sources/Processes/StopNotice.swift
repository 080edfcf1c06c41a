import ServiceKit
import ServiceLifecycle

/// Lets `/readyz` fail from the moment the process is told to stop, so that balancers send nobody more.
///
/// The last service, because the last one is told first.
struct StopNotice: Service {
    private struct Stopping: Error {}

    let checks: ReadinessChecks

    func run() async throws {
        // Cancelled is stopping, too.
        try? await gracefulShutdown()
        checks.register("stopping") { throw Stopping() }
    }
}
