extension Migration {
    /// Policy documents with their history; what a user may do.
    static let m0003Policies = Migration(
        number: 3,
        sql: """
            CREATE TABLE policies (
                tailnet text COLLATE "C" NOT NULL,
                revision bigint NOT NULL,
                document text COLLATE "C" NOT NULL,
                author text COLLATE "C" NOT NULL,
                note text COLLATE "C" NOT NULL,
                created_at double precision NOT NULL,
                CONSTRAINT policies_pkey PRIMARY KEY (tailnet, revision)
            );

            ALTER TABLE users ADD COLUMN role text COLLATE "C" NOT NULL DEFAULT 'member';
            """
    )
}
