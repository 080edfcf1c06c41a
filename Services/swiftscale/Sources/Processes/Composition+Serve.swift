import DERPService
import NIOCore
import ServiceKit

extension Composition {
    /// All services in one process: the in-process bus, one database, one listener for all routes.
    static func serve(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = OpenBus.inProcess()
        let database = try context.database()
        let certificate = try ServerCertificate(context.configuration, now: context.now())
        let reloads = ReloadSignals()

        var surface = HTTPSurface()
        let gateway = try context.gateway(bus.bus, on: &surface)
        // The relay tells clients its port, which is known when the listener is bound; the listener serves the relay's
        // routes, so it is made after it.
        let bound = BoundPort.promise(on: context.group)
        var relay: DERPService?
        if context.configuration.derp.isEnabled {
            relay = try context.embeddedRelay(bus.bus, certificate, bound: bound.futureResult, on: &surface)
        }
        let clients = context.clients(certificate.tls, surface)
        return Composition(
            context,
            bus: bus,
            database: database,
            parts: [
                Deferred(try context.registry(bus.bus, database), until: database.need), reloads,
                Deferred(try context.policy(bus.bus, database, reloads: reloads.stream), until: database.need),
                try context.dns(bus.bus), gateway, clients, context.localSocket(surface),
                BoundPort(listener: clients, promise: bound), context.welcome(gateway, clients),
            ]
                // After the listener, so that it stops before: clients hear that the relay leaves while they are connected.
                + [relay].compactMap { $0 },
            clients: clients
        )
    }
}
