extension Migration {
    /// Who changed what, when and from where.
    static let m0005Audit = Migration(
        number: 5,
        sql: """
            CREATE TABLE audit_log (
                tailnet text COLLATE "C" NOT NULL,
                version bigint NOT NULL,
                at double precision NOT NULL,
                actor text COLLATE "C" NOT NULL,
                source text COLLATE "C",
                action text COLLATE "C" NOT NULL,
                kind text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                name text COLLATE "C" NOT NULL,
                before text COLLATE "C" NOT NULL,
                after text COLLATE "C" NOT NULL,
                CONSTRAINT audit_log_pkey PRIMARY KEY (tailnet, version)
            );

            CREATE INDEX audit_log_by_time ON audit_log (tailnet, at);
            """
    )
}
