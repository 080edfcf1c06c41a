import Foundation
import ServiceKit
import Storage
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL: credentials and TLS", .timeLimit(.minutes(2)))
struct AccessTests {
    @Test("wrong credentials and an unknown database are told, and waiting does not help")
    func refused() async throws {
        let database = try await TestDatabase()
        let changes: [@Sendable (inout PostgresStore.Configuration) -> Void] = [
            { $0.password = "wrong" }, { $0.password = nil }, { $0.user = "nobody" }, { $0.database = "nowhere" },
        ]
        for change in changes {
            var configuration = database.configuration()
            change(&configuration)
            let store = database.store(configuration)
            await #expect { try await store.open() } throws: { error in
                guard let fault = openError(error), case .refused = fault else { return false }
                return fault.isPermanent && !"\(fault)".contains("wrong")
            }
        }
    }

    @Test("no server is told as something that passes")
    func unreachable() async throws {
        let database = try await TestDatabase()
        var configuration = database.configuration()
        configuration.host = database.server.directory + "/nowhere"
        let store = database.store(configuration)
        await #expect { try await store.open() } throws: { error in
            guard let fault = openError(error), case .unreachable = fault else { return false }
            return !fault.isPermanent
        }
        await #expect { try await store.ping() } throws: { isUnavailable($0) }
    }

    @Test("a description holds no password")
    func description() {
        let configuration = PostgresStore.Configuration(host: "h", database: "d", user: "u", password: "hunter2")
        #expect("\(configuration)" == "u@h:5432/d")
        #expect(!String(reflecting: configuration).contains("hunter2"))
    }

    @Test("a Unix socket works without a password where the server allows it")
    func socket() async throws {
        let database = try await TestDatabase()
        var configuration = database.configuration()
        (configuration.host, configuration.password) = (database.server.directory, nil)
        try await database.store(configuration).open()
    }

    @Test(
        "a connection is encrypted when that is asked for, and whose certificate it is matters when that is asked for"
    )
    func tls() async throws {
        let certificate = try SelfSignedCertificate(host: "localhost", now: Date())
        let other = try SelfSignedCertificate(host: "localhost", now: Date())
        let directory = try TemporaryDirectory()
        let (file, otherFile) = (directory.path("ca.pem"), directory.path("other.pem"))
        try certificate.certificatePEM.write(toFile: file, atomically: true, encoding: .utf8)
        try other.certificatePEM.write(toFile: otherFile, atomically: true, encoding: .utf8)
        let server = try await PostgresServer(certificate: (certificate.certificatePEM, certificate.privateKeyPEM))
        let database = try await TestDatabase(on: server)

        let good: [(PostgresStore.Configuration.TLS, host: String)] = [
            (.required, "127.0.0.1"), (.verified(caFile: file), "localhost"),
        ]
        for (tls, host) in good {
            let store = database.store(Self.at(host, database.configuration(tls)))
            try await store.open()
            try await store.ping()
            let encrypted = try await server.sql(
                "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = '\(database.name)'"
            )
            #expect(encrypted == "t", "\(tls)")
            await store.close()
        }
        let bad: [(PostgresStore.Configuration.TLS, host: String)] = [
            (.verified(caFile: otherFile), "localhost"), (.verified(caFile: nil), "localhost"),
            (.verified(caFile: file), "127.0.0.1"), (.verified(caFile: directory.path("none.pem")), "localhost"),
        ]
        for (tls, host) in bad {
            let store = database.store(Self.at(host, database.configuration(tls)))
            await #expect("\(tls)") { try await store.open() } throws: { openError($0) != nil }
        }
    }

    @Test("a server without TLS is refused when TLS is asked for")
    func noTLS() async throws {
        let database = try await TestDatabase()
        let store = database.store(database.configuration(.required))
        await #expect { try await store.open() } throws: { openError($0) != nil }
    }

    private static func at(
        _ host: String,
        _ configuration: PostgresStore.Configuration
    ) -> PostgresStore.Configuration {
        var configuration = configuration
        configuration.host = host
        return configuration
    }
}
