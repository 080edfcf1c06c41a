import ServiceKit

extension Composition {
    /// A gateway: clients' way in and the admin API.
    ///
    /// It keeps nothing; any number may run behind a balancer.
    static func gateway(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = try context.bus(isNeeded: false)
        let certificate = try ServerCertificate(context.configuration, now: context.now())
        var surface = HTTPSurface()
        let gateway = try context.gateway(bus.bus, on: &surface)
        let clients = context.clients(certificate.tls, surface)
        return Composition(
            context,
            bus: bus,
            parts: [Deferred(gateway, until: bus.need), clients, context.localSocket(surface)],
            clients: clients
        )
    }
}
