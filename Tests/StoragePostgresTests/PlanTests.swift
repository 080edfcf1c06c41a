import ControlModel
import Keys
import Storage
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL: plans", .timeLimit(.minutes(2)))
struct PlanTests {
    @Test("statements prepared while a table was empty do not read all of it when it is full")
    func growth() async throws {
        let rows = 5000
        let database = try await TestDatabase()
        var configuration = database.configuration()
        configuration.connections = 1
        let store = database.store(configuration)
        try await store.open()
        // The server would notice by itself, a minute later.
        try await database.sql("ALTER TABLE nodes SET (autovacuum_enabled = off)")
        for _ in 0..<40 { _ = try await store.node(withNodeKey: .fixture(1), tailnet: .default) }
        let template = try await database.openStore()
        _ = try await template.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        await template.close()
        try await database.sql(
            """
            CREATE TEMP TABLE copies AS SELECT nodes.*, number FROM nodes, generate_series(2, \(rows)) AS number;
            UPDATE copies SET id = number, stable_id = number, machine_key = number, node_key = number,
                given_name = number, ipv4 = number, ipv6 = number;
            ALTER TABLE copies DROP COLUMN number;
            INSERT INTO nodes SELECT * FROM copies
            """
        )
        let reads = 400
        for _ in 0..<reads {
            #expect(try await store.node(withNodeKey: .fixture(1), tailnet: .default)?.id == .fixture(1))
        }
        await store.close()
        let user = PostgresServer.user
        try await eventually("the server has counted") {
            let open =
                "SELECT count(*) FROM pg_stat_activity WHERE usename = '\(user)' AND datname = current_database()"
            return try await database.sql(open).split(separator: "\n").first == "0"
        }
        let text = try await database.sql(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'nodes'"
        )
        let read = try #require(Int(text.split(separator: "\n").first ?? ""))
        // All reads with the old plan would see as many rows each; a few may still have it.
        #expect(read < rows * reads / 4)
    }
}
