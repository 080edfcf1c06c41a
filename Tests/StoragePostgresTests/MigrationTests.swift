import ControlModel
import Storage
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL schema", .serialized, .timeLimit(.minutes(2)))
struct MigrationTests {
    let database: TestDatabase

    init() async throws {
        database = try await TestDatabase()
    }

    @Test("migrations are numbered from 1 without gaps")
    func numbers() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
    }

    @Test("a schema of any earlier number is brought up to date", arguments: 0..<Migration.all.count)
    func earlier(number: Int) async throws {
        let store = database.store()
        try await migrate(store, through: number)
        try await store.open()
        #expect(try await store.commit([.createUser(.fixture(1))], tailnet: .default).count == 1)
        #expect(try await database.sql("SELECT number FROM swiftscale_schema") == "\(Migration.all.count)")
    }

    @Test("nodes that an earlier release left online have a lease to come back")
    func presence() async throws {
        let store = database.store()
        try await migrate(store, through: 1)
        // What this release writes has columns that came later; they are there for as long as it writes.
        try await database.sql("ALTER TABLE nodes ADD COLUMN routing text")
        try await database.sql("ALTER TABLE nodes ADD COLUMN posture_identity text")
        try await store.pool.perform { lane, deadline in
            var online = Node.fixture(1)
            online.isOnline = true
            let nodes = NodeTable(tailnet: .default)
            let user = Statement(
                """
                INSERT INTO users (tailnet, id, name, display_name, email, profile_picture_url, created_at, version)
                VALUES ('default', 1, 'user1', '', '', '', 0, 0)
                """
            )
            // The table's statements are those of the newest schema.
            let statements = [
                Statement("ALTER TABLE nodes ADD COLUMN is_approved boolean NOT NULL DEFAULT true"), user,
                try nodes.insert(online), try nodes.insert(.fixture(2)),
                Statement("ALTER TABLE nodes DROP COLUMN is_approved"),
            ]
            _ = try lane.run(until: deadline) { try $0.run(statements, until: deadline) }
        }
        try await database.sql("ALTER TABLE nodes DROP COLUMN routing")
        try await database.sql("ALTER TABLE nodes DROP COLUMN posture_identity")
        try await store.open()
        let survey = try await store.presence(of: .default)
        #expect(survey == PresenceSurvey(gateways: ["earlier release": 0]))
        let changes = try await store.endLease(of: "earlier release", beat: 0, lastSeen: .fixture, tailnet: .default)
        #expect(changes.count == 1)
        #expect(try await store.node(.fixture(1), tailnet: .default)?.isOnline == false)
    }

    @Test("users of an earlier release are members")
    func role() async throws {
        let store = database.store()
        try await migrate(store, through: 2)
        try await database.sql("INSERT INTO users VALUES ('default', 1, 'ann', '', '', '', 0, 1)")
        try await store.open()
        #expect(try await store.user(.fixture(1), tailnet: .default)?.role == .member)
    }

    private func migrate(_ store: PostgresStore, through number: Int) async throws {
        try await store.pool.perform { [database] lane, deadline in
            let session = try lane.connector.connectPlainly(until: deadline)
            try Migrator(session: session, database: database.name, deadline: deadline).run(through: number)
        }
    }

    @Test("several processes that start at once make one schema")
    func atOnce() async throws {
        let stores = (1...8).map { _ in database.store() }
        try await withThrowingTaskGroup { group in
            for store in stores { group.addTask { try await store.open() } }
            try await group.waitForAll()
        }
        #expect(try await database.sql("SELECT number FROM swiftscale_schema") == "\(Migration.all.count)")
    }

    @Test("a newer schema is refused, for good")
    func newer() async throws {
        _ = try await database.openStore()
        try await database.sql("UPDATE swiftscale_schema SET number = 9999")
        let store = database.store()
        await #expect { try await store.open() } throws: { error in
            guard let fault = openError(error), case .newerSchema(_, 9999, Migration.all.count) = fault else {
                return false
            }
            return fault.isPermanent
        }
    }

    @Test("another program's database is refused and not touched")
    func foreign() async throws {
        try await database.sql("CREATE TABLE theirs (x int)")
        let store = database.store()
        await #expect { try await store.open() } throws: { error in
            guard let fault = openError(error), case .foreign = fault else { return false }
            return fault.isPermanent
        }
        #expect(try await database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "1")
    }

    @Test("a database in another encoding is refused")
    func encoding() async throws {
        let name = "latin_\(database.name)"
        try await database.server.sql(
            """
            CREATE DATABASE \(name) OWNER \(PostgresServer.user) TEMPLATE template0 ENCODING 'LATIN1'
                LC_COLLATE 'C' LC_CTYPE 'C'
            """
        )
        var configuration = database.configuration()
        configuration.database = name
        let store = database.store(configuration)
        await #expect { try await store.open() } throws: { error in
            guard let fault = openError(error), case .encoding(_, "LATIN1") = fault else { return false }
            return fault.isPermanent
        }
    }

    @Test("a step that fails leaves the number before it")
    func failure() async throws {
        // The owner may not create anything.
        try await database.sql("REVOKE ALL ON SCHEMA public FROM PUBLIC, pg_database_owner")
        let store = database.store()
        await #expect { try await store.open() } throws: { error in
            guard let fault = openError(error), case .migrationFailed = fault else { return false }
            return fault.isPermanent
        }
        try await database.sql("GRANT ALL ON SCHEMA public TO pg_database_owner")
        try await store.open()
    }
}
