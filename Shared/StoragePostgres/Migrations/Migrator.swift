/// Brings a database to the schema of this release; several processes may try at once.
struct Migrator {
    /// What the advisory lock is called that one process at a time holds: "swsc".
    static let lockNumber = 0x7377_7363

    let session: Session
    let database: String
    let deadline: ContinuousClock.Instant

    /// - Parameter target: for tests, an earlier number.
    func run(through target: Int = Migration.all.count) throws {
        let limit = ContinuousClock.now.duration(to: deadline).milliseconds
        try script("SET client_min_messages = warning; SET statement_timeout = 0; SET lock_timeout = \(max(1, limit))")
        let encoding = try text("SHOW server_encoding")
        guard encoding == "UTF8" else {
            throw PostgresOpenError.encoding(database: database, found: encoding ?? "an unknown encoding")
        }
        while try step(through: target) {}
    }

    /// Takes the next step in a transaction of its own; `false` when there is none.
    private func step(through target: Int) throws -> Bool {
        try script("BEGIN; SELECT pg_advisory_xact_lock(\(Self.lockNumber))")
        let number = try schemaNumber()
        guard let migration = Migration.all.first(where: { $0.number == number + 1 }), number < target else {
            try script("ROLLBACK")
            return false
        }
        if number == 0 { try script("CREATE TABLE swiftscale_schema (number bigint NOT NULL)") }
        try script(migration.sql)
        try script(
            number == 0
                ? "INSERT INTO swiftscale_schema VALUES (\(migration.number))"
                : "UPDATE swiftscale_schema SET number = \(migration.number)"
        )
        try script("COMMIT")
        return true
    }

    private func schemaNumber() throws -> Int {
        let known = Migration.all.count
        guard try text("SELECT to_regclass('swiftscale_schema')") != nil else {
            let tables = try text(
                """
                SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
                WHERE nspname = current_schema() AND relkind IN ('r', 'p')
                """
            )
            guard tables == "0" else { throw PostgresOpenError.foreign(database: database) }
            return 0
        }
        let number = try text("SELECT number FROM swiftscale_schema").flatMap { Int($0) }
        guard let number else { throw PostgresOpenError.foreign(database: database) }
        guard number <= known else {
            throw PostgresOpenError.newerSchema(database: database, found: number, known: known)
        }
        return number
    }

    @discardableResult
    private func script(_ sql: String) throws -> [RowSet] {
        try session.runScript(sql, until: deadline)
    }

    private func text(_ sql: String) throws -> String? {
        guard let rows = try script(sql).last, rows.count > 0 else { return nil }
        return rows.text(row: 0, column: 0)
    }
}
