extension Migration {
    /// Who changed what, when and from where.
    static let m0005Audit = Migration(
        number: 5,
        sql: """
            CREATE TABLE audit_log (
                tailnet TEXT NOT NULL,
                version INTEGER NOT NULL,
                at REAL NOT NULL,
                actor TEXT NOT NULL,
                source TEXT,
                action TEXT NOT NULL,
                kind TEXT NOT NULL,
                id INTEGER NOT NULL,
                name TEXT NOT NULL,
                before TEXT NOT NULL,
                after TEXT NOT NULL,
                PRIMARY KEY (tailnet, version)
            ) STRICT;

            CREATE INDEX audit_log_by_time ON audit_log (tailnet, at);
            """
    )
}
