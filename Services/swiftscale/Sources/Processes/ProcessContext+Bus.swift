import BusNATS
import ServiceKit
import ServiceLifecycle

extension ProcessContext {
    /// The bus outside of this process; servers that are away are found when they come.
    ///
    /// - Parameter isNeeded: `false` where a process with complete copies serves its clients without it.
    func bus(isNeeded: Bool = true) throws(CommandFailure) -> OpenBus {
        let settings = configuration.bus
        var nats = NATSBus.Configuration(
            servers: settings.urls,
            authentication: try authentication(settings.authentication),
            // Also the start of the subjects on which answers come, which the servers' permissions name.
            name: kind.rawValue
        )
        nats.tls = settings.tls.map {
            NATSBus.TLS(
                caFile: $0.authorityPath,
                certificateFile: $0.certificate?.chainPath,
                keyFile: $0.certificate?.keyPath
            )
        }
        do {
            let bus = try NATSBus(nats, logger: logger("bus"))
            checks.register("bus", isNeeded: isNeeded) {
                guard bus.isConnected else { throw CommandFailure("the bus is not connected") }
            }
            return OpenBus(bus: bus, service: NATSKeeper(bus: bus), isConnected: { bus.isConnected })
        } catch {
            throw CommandFailure("the bus: \(error)")
        }
    }

    private func authentication(
        _ configured: BusSettings.Authentication
    ) throws(CommandFailure) -> NATSBus.Authentication {
        switch configured {
        case .none: .none
        case .user(let name, let password): .user(name: name, password: try password.read())
        case .token(let token): .token(try token.read())
        case .credentialsFile(let path): .credentialsFile(path: path)
        }
    }
}

/// Leaves the bus when all who speak on it have stopped.
private struct NATSKeeper: Service {
    let bus: NATSBus

    func run() async throws {
        // Cancelled is stopping, too.
        try? await gracefulShutdown()
        await bus.close()
    }
}
