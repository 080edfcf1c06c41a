import ServiceKit
import ServiceLifecycle

/// What must have been there once before a service begins.
struct Need: Sendable {
    let isThere: @Sendable () -> Bool
}

/// Begins a service when what it needs is there, so that processes may start in any order.
///
/// ``ReadinessLog`` says what is waited for. What goes away later is the service's own care.
struct Deferred: Service {
    private static let interval = Duration.milliseconds(20)

    let service: any Service
    let needs: [Need]

    init(_ service: any Service, until needs: Need...) {
        self.service = service
        self.needs = needs
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown {
                while !needs.allSatisfy({ $0.isThere() }) { try await Task.sleep(for: Self.interval) }
            }
        } catch is CancellationError {
            // Stopped before it began.
            return
        }
        try await service.run()
    }
}
