import Logging
import Storage
import StoragePostgres
import StorageSQLite
import TestKit

/// A database of a test's own, which several registries open.
struct SharedDatabase: Sendable {
    enum Kind: CaseIterable, Sendable {
        case sqlite
        case postgres
    }

    private enum Place: Sendable {
        case file(String)
        case server(PostgresServer, database: String)
    }

    /// Files that the registries share, as the master key.
    let directory: TemporaryDirectory
    private let place: Place

    init(_ kind: Kind) async throws {
        directory = try TemporaryDirectory()
        switch kind {
        case .sqlite:
            place = .file(directory.path("registry.sqlite"))
        case .postgres:
            let server = try await PostgresServer.shared()
            place = .server(server, database: try await server.makeDatabase())
        }
    }

    /// Runs `body` with a store as a process of its own would have it.
    func withStore(
        _ body: (any RegistryStore & PresenceStore & PendingLoginStore & SSHConfirmationStore) async throws -> Void
    ) async throws {
        switch place {
        case .file(let path):
            try await body(try SQLiteStore(path: path))
        case .server(let server, let database):
            let store = PostgresStore(
                .init(
                    host: server.host,
                    port: server.port,
                    database: database,
                    user: PostgresServer.user,
                    password: PostgresServer.password,
                    connections: 4
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await store.open()
            do {
                try await body(store)
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
    }
}
