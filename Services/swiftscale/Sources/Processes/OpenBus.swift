import Bus
import BusInProcess
import ServiceLifecycle

/// The bus of a process, and what keeps it.
struct OpenBus: Sendable {
    let bus: any Bus
    /// Ends the connection in good order; `nil`: there is none.
    var service: (any Service)?
    /// Whether the other parts can be reached now.
    var isConnected: @Sendable () -> Bool = { true }

    /// For services in one process.
    static func inProcess() -> OpenBus { OpenBus(bus: InProcessBus()) }

    /// What a service waits for that cannot begin without the bus.
    var need: Need { Need(isThere: isConnected) }
}
