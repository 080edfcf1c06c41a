import DERPService
import NIOCore
import ServiceKit

extension Composition {
    /// A relay with STUN, on a listener of its own.
    ///
    /// Any number may run, in any number of regions.
    static func derp(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = try context.bus(isNeeded: false)
        let certificate = try ServerCertificate(relay: context.configuration, now: context.now())
        var surface = HTTPSurface()
        let bound = BoundPort.promise(on: context.group)
        let relay = try context.relay(bus.bus, certificate, bound: bound.futureResult, on: &surface)
        context.checks.register("relay") {
            guard relay.isReady else { throw CommandFailure("the relay's copy of the nodes is not complete") }
        }
        let clients = context.clients(certificate.tls, surface)
        return Composition(
            context,
            bus: bus,
            // The relay after the listener, so that it stops before: clients hear that it leaves while they are connected.
            parts: [clients, BoundPort(listener: clients, promise: bound), Deferred(relay, until: bus.need)],
            clients: clients
        )
    }
}
