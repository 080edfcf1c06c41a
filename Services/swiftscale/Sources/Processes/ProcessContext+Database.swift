import ServiceKit
import Storage
import StorageSQLite

extension ProcessContext {
    /// The database that the configuration names; one on another machine is opened when it answers.
    func database() throws(CommandFailure) -> OpenDatabase {
        let opened =
            switch configuration.database.kind {
            case .sqlite: try sqlite()
            case .postgres: try postgres()
            }
        checks.register("database") { try await opened.check() }
        return opened
    }

    private func sqlite() throws(CommandFailure) -> OpenDatabase {
        let path = configuration.database.sqlitePath
        do {
            return OpenDatabase(registry: try SQLiteStore(path: path))
        } catch {
            throw CommandFailure("the database \(path): \(error)")
        }
    }

    private func postgres() throws(CommandFailure) -> OpenDatabase {
        throw CommandFailure("PostgreSQL is not supported yet")
    }
}
