extension Composition {
    /// A registry: the only writer of users, nodes and keys.
    ///
    /// Several may run on one PostgreSQL database.
    static func registry(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = try context.bus()
        let database = try context.database()
        let registry = try context.registry(bus.bus, database)
        return Composition(
            context,
            bus: bus,
            database: database,
            parts: [Deferred(registry, until: bus.need, database.need)]
        )
    }
}
