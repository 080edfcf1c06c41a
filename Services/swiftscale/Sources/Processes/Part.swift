import Bus
import ServiceLifecycle

/// A service whose work is cut off by a stop in good order has ended in good order.
///
/// Without a stop, the group sees a service that ended, which is a fault all the same.
struct Part: Service {
    let service: any Service

    func run() async throws {
        do {
            try await service.run()
        } catch is CancellationError {
            return
        } catch BusError.cancelled {
            return
        }
    }
}
