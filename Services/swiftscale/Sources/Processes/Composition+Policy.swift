extension Composition {
    /// The policy service: documents, their history, the one in force.
    static func policy(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = try context.bus()
        let database = try context.database()
        let policy = try context.policy(bus.bus, database)
        return Composition(
            context,
            bus: bus,
            database: database,
            parts: [Deferred(policy, until: bus.need, database.need)]
        )
    }
}
