import Foundation
import TestKit
import Testing

@testable import swiftscale

@Suite("configuration: database")
struct DatabaseConfigurationTests {
    @Test("without any configuration it is an SQLite file in the data directory")
    func defaults() throws {
        let database = try ConfigurationSandbox().load().database
        #expect(database.kind == .sqlite)
        #expect(database.sqlitePath == "/home/anna/.local/share/swiftscale/db.sqlite")
    }

    @Test("PostgreSQL has defaults for all but its type")
    func postgres() throws {
        let database = try ConfigurationSandbox(yaml: "database: {type: postgres}").load().database
        let expected = DatabaseSettings.Postgres(
            host: "localhost",
            port: 5432,
            name: "swiftscale",
            user: "swiftscale",
            password: nil,
            protection: .off,
            authorityPath: nil,
            connections: 10
        )
        #expect(database.kind == .postgres)
        #expect(database.postgres == expected)
    }

    @Test("all of PostgreSQL can be set, from a file or the environment")
    func everything() throws {
        let yaml = """
            database:
              type: postgres
              postgres: {host: db, port: 6432, name: n, user: u, pass_path: p, ssl: verify-full, ca_path: ca,
                max_open_conns: 3}
            """
        let postgres = try ConfigurationSandbox(yaml: yaml).load().database.postgres
        #expect(postgres.password == .file(path: "/conf/swiftscale/p"))
        #expect(postgres.protection == .verified)
        #expect(postgres.authorityPath == "/conf/swiftscale/ca")
        let environment = try ConfigurationSandbox(environment: [
            "SWIFTSCALE_DATABASE_TYPE": "postgres", "SWIFTSCALE_DATABASE_POSTGRES_HOST": "db",
            "SWIFTSCALE_DATABASE_POSTGRES_PORT": "6432", "SWIFTSCALE_DATABASE_POSTGRES_NAME": "n",
            "SWIFTSCALE_DATABASE_POSTGRES_USER": "u", "SWIFTSCALE_DATABASE_POSTGRES_PASS_PATH": "/conf/swiftscale/p",
            "SWIFTSCALE_DATABASE_POSTGRES_SSL": "verify-full",
            "SWIFTSCALE_DATABASE_POSTGRES_CA_PATH": "/conf/swiftscale/ca",
            "SWIFTSCALE_DATABASE_POSTGRES_MAX_OPEN_CONNS": "3",
        ]).load().database.postgres
        #expect(environment == postgres)
    }

    @Test(
        "what does not go together is refused",
        arguments: [
            ("pass: p, pass_path: /p", "database.postgres.pass_path"), ("ca_path: /ca", "database.postgres.ca_path"),
            ("ca_path: /ca, ssl: require", "database.postgres.ca_path"),
        ]
    )
    func combinations(text: String, key: String) {
        let yaml = "database: {type: postgres, postgres: {\(text)}}"
        #expect(ConfigurationSandbox(yaml: yaml).faults().map(\.key) == [key])
    }

    @Test("a database elsewhere without encryption, and settings without effect, are warned of")
    func notes() throws {
        func notes(_ yaml: String) throws -> [String] {
            try ConfigurationSandbox(yaml: "database: {\(yaml)}").load().notes.map(\.text)
        }
        #expect(try notes("type: postgres, postgres: {host: db}").count == 1)
        #expect(try notes("type: postgres, postgres: {host: db, ssl: require}").isEmpty)
        for local in ["127.0.0.1", "::1", "localhost", "/run/postgresql"] {
            #expect(try notes("type: postgres, postgres: {host: \"\(local)\"}").isEmpty)
        }
        #expect(try notes("postgres: {host: db}").first?.contains("database.postgres.host") == true)
    }

    @Test("secrets are read from files without the line end, and never shown")
    func secrets() throws {
        let folder = try TemporaryDirectory()
        try "s3cret\n".write(toFile: folder.path("s"), atomically: true, encoding: .utf8)
        try "\n".write(toFile: folder.path("empty"), atomically: true, encoding: .utf8)
        try String(repeating: "x", count: Secret.fileLimit + 1)
            .write(toFile: folder.path("long"), atomically: true, encoding: .utf8)
        #expect(try Secret.file(path: folder.path("s")).read() == "s3cret")
        #expect(try Secret.text("t").read() == "t")
        for name in ["absent", "empty", "long"] {
            #expect(throws: CommandFailure.self) { try Secret.file(path: folder.path(name)).read() }
        }
        #expect(!"\(Secret.text("t0ken"))".contains("t0ken"))
    }
}
