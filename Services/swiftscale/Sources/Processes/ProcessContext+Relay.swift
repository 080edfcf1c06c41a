import Bus
import DERPService
import NIOCore
import ServiceKit

extension ProcessContext {
    /// The relay of a server that is all in one process: it shares the server's name, port and certificate.
    func embeddedRelay(
        _ bus: any Bus,
        _ certificate: ServerCertificate,
        bound: EventLoopFuture<Int>,
        on surface: inout HTTPSurface
    ) throws(CommandFailure) -> DERPService {
        let isDerived = configuration.listener.isServerURLDerived
        let port = configuration.listener.serverURL.effectivePort
        let setup = RelaySetup(configuration: configuration, certificate: certificate).embedded()
        return try relay(setup, bus, port: { isDerived ? try await bound.get() : port }, on: &surface)
    }

    /// A relay in a process of its own.
    func relay(
        _ bus: any Bus,
        _ certificate: ServerCertificate,
        bound: EventLoopFuture<Int>,
        on surface: inout HTTPSurface
    ) throws(CommandFailure) -> DERPService {
        let port = configuration.derp.hostName?.port
        let setup = RelaySetup(configuration: configuration, certificate: certificate).alone()
        return try relay(setup, bus, port: { if let port { port } else { try await bound.get() } }, on: &surface)
    }

    private func relay(
        _ setup: DERPService.Configuration,
        _ bus: any Bus,
        port: @escaping @Sendable () async throws -> Int,
        on surface: inout HTTPSurface
    ) throws(CommandFailure) -> DERPService {
        do {
            let relay = try DERPService(
                setup,
                dependencies: .init(bus: bus, logger: logger("derp"), derpPort: port, now: now)
            )
            relay.register(on: &surface)
            return relay
        } catch {
            throw CommandFailure("the relay: \(error)")
        }
    }
}
