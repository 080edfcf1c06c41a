import Logging
import Storage
import TestKit

@testable import StoragePostgres

/// A test's own database, on the shared server or one of its own.
struct TestDatabase {
    let server: PostgresServer
    let name: String

    init() async throws {
        try await self.init(on: try await PostgresServer.shared())
    }

    init(on server: PostgresServer) async throws {
        self.server = server
        name = try await server.makeDatabase()
    }

    func configuration(_ tls: PostgresStore.Configuration.TLS = .off) -> PostgresStore.Configuration {
        PostgresStore.Configuration(
            host: server.host,
            port: server.port,
            database: name,
            user: PostgresServer.user,
            password: PostgresServer.password,
            tls: tls,
            connections: 4
        )
    }

    /// A store of a process of its own, as far as the database can tell.
    func store(
        _ configuration: PostgresStore.Configuration? = nil,
        limits: PostgresLimits = .patient
    ) -> PostgresStore {
        var logger = Logger(label: "postgres")
        logger.logLevel = .critical
        return PostgresStore(configuration ?? self.configuration(), logger: logger, limits: limits)
    }

    func openStore(limits: PostgresLimits = .patient) async throws -> PostgresStore {
        let store = store(limits: limits)
        try await store.open()
        return store
    }

    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await server.sql(text, database: name)
    }
}

extension PostgresLimits {
    /// For tests that are not about time, on machines that do a lot at once.
    static let patient: PostgresLimits = {
        var limits = PostgresLimits()
        (limits.call, limits.connect, limits.outcome) = (.seconds(60), .seconds(30), .seconds(60))
        (limits.statement, limits.lock, limits.idleTransaction) = (.seconds(50), .seconds(40), .seconds(30))
        return limits
    }()
}

func isUnavailable(_ error: any Error) -> Bool {
    if case StorageError.unavailable = error { true } else { false }
}

func openError(_ error: any Error) -> PostgresOpenError? {
    guard case StorageError.unavailable(let cause) = error else { return nil }
    return cause as? PostgresOpenError
}
