import ServiceKit
import ServiceLifecycle

/// The services of one process, with the adapters that they get.
///
/// Each kind of process has a file `Composition+….swift` that says what is in it; the parts come from `ProcessContext+….swift`.
struct Composition {
    /// In the order in which they start; they stop in the opposite one.
    let services: [any Service]
    /// Where clients connect; `nil`: they do not.
    var clients: Listener?

    /// - Parameters:
    ///   - bus: how the parts reach each other.
    ///   - database: where the process keeps what it owns; `nil`: it owns nothing.
    ///   - parts: in the order in which they start. Metrics and health start before them and stop after them, so that
    ///     whoever balances sees the process leave.
    init(
        _ context: ProcessContext,
        bus: OpenBus,
        database: OpenDatabase? = nil,
        parts: [any Service],
        clients: Listener? = nil
    ) {
        let logger = context.logger("swiftscale")
        services =
            [bus.service, database?.service, context.operations()].compactMap { $0 }
            + parts.map(Part.init)
            + [ReadinessLog(checks: context.checks, logger: logger), StopNotice(checks: context.checks)]
        self.clients = clients
    }

    /// Opens what the services need; nothing runs before ``services`` do.
    static func make(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        switch context.kind {
        case .serve: try serve(context)
        case .gateway: try gateway(context)
        case .registry: try registry(context)
        case .policy: try policy(context)
        case .derp: try derp(context)
        case .dns: try dns(context)
        }
    }
}
