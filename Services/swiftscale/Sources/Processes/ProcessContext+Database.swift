import ServiceKit
import Storage
import StoragePostgres
import StorageSQLite

extension ProcessContext {
    /// The database that the configuration names; one on another machine is opened when it answers.
    func database() throws(CommandFailure) -> OpenDatabase {
        let database =
            switch configuration.database.kind {
            case .sqlite: try sqlite()
            case .postgres: try postgres()
            }
        checks.register("database") { try await database.check() }
        return database
    }

    private func sqlite() throws(CommandFailure) -> OpenDatabase {
        let path = configuration.database.sqlitePath
        do {
            return OpenDatabase(store: try SQLiteStore(path: path))
        } catch {
            throw CommandFailure("the database \(path): \(error)")
        }
    }

    private func postgres() throws(CommandFailure) -> OpenDatabase {
        let settings = configuration.database.postgres
        let store = PostgresStore(
            PostgresStore.Configuration(
                host: settings.host,
                port: settings.port,
                database: settings.name,
                user: settings.user,
                password: try settings.password?.read(),
                tls: settings.protection.tls(authorities: settings.authorityPath),
                connections: settings.connections
            ),
            logger: logger("postgres")
        )
        let keeper = PostgresKeeper(store: store, logger: logger("postgres"))
        return OpenDatabase(store: store, service: keeper, isOpen: { keeper.isOpen })
    }
}

extension DatabaseSettings.Protection {
    fileprivate func tls(authorities path: String?) -> PostgresStore.Configuration.TLS {
        switch self {
        case .off: .off
        case .encrypted: .required
        case .verified: .verified(caFile: path)
        }
    }
}
