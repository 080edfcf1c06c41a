import Foundation
import GRDB

/// Opens the database file: creates it, checks whose it is, migrates it.
struct DatabaseFile {
    let path: String
    let patience: Duration
    let prepare: (@Sendable (Database) throws -> Void)?

    func open() throws(SQLiteOpenError) -> DatabasePool {
        let pool: DatabasePool
        do {
            try createIfAbsent()
            try checkOwner()
            pool = try DatabasePool(path: path, configuration: configuration)
            // Here and not in `prepareDatabase`: the pool sets NORMAL after that, on its one writing connection.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch let error as SQLiteOpenError {
            throw error
        } catch {
            throw SQLiteOpenError(opening: path, error)
        }
        do {
            try pool.writeWithoutTransaction { try Migration.run(in: $0) }
        } catch {
            throw .migrationFailed(path: path, cause: error)
        }
        return pool
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "registry"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(patience / .seconds(1))
        if let prepare { configuration.prepareDatabase(prepare) }
        return configuration
    }

    /// Creates the file with permissions 0600; SQLite gives its side files the same.
    private func createIfAbsent() throws {
        let descriptor = Foundation.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    /// Looks without writing: opening a pool would turn another program's database to WAL mode.
    private func checkOwner() throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience / .seconds(1))
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.read { database in
            let schema = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let owner = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let isEmpty = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_master") == 0
            guard isEmpty || owner == Migration.applicationID else { throw SQLiteOpenError.foreign(path: path) }
            let known = Migration.all.count
            guard schema <= known else { throw SQLiteOpenError.newerSchema(path: path, found: schema, known: known) }
        }
        try queue.close()
    }
}
