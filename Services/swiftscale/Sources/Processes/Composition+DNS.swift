extension Composition {
    /// The DNS settings, from the configuration.
    static func dns(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        let bus = try context.bus()
        return Composition(context, bus: bus, parts: [Deferred(try context.dns(bus.bus), until: bus.need)])
    }
}
