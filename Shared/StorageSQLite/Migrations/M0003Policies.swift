extension Migration {
    /// Policy documents with their history; what a user may do.
    static let m0003Policies = Migration(
        number: 3,
        sql: """
            CREATE TABLE policies (
                tailnet TEXT NOT NULL,
                revision INTEGER NOT NULL,
                document TEXT NOT NULL,
                author TEXT NOT NULL,
                note TEXT NOT NULL,
                created_at REAL NOT NULL,
                PRIMARY KEY (tailnet, revision)
            ) STRICT;

            ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
            """
    )
}
