extension Composition {
    /// The policy service: documents, their history, the one in force.
    static func policy(_ context: ProcessContext) throws(CommandFailure) -> Composition {
        try DataDirectory(path: context.configuration.data.directory).prepare()
        let bus = try context.bus()
        let database = try context.database()
        let reloads = ReloadSignals()
        let policy = try context.policy(bus.bus, database, reloads: reloads.stream)
        return Composition(
            context,
            bus: bus,
            database: database,
            parts: [reloads, Deferred(policy, until: bus.need, database.need)]
        )
    }
}
