extension Migration {
    /// Logins that wait for a person; who users are at a provider.
    ///
    /// `users.identity_key` is issuer and subject as one text, so that a unique index can hold them.
    static let m0004Logins = Migration(
        number: 4,
        sql: """
            ALTER TABLE users ADD COLUMN identity text COLLATE "C";
            ALTER TABLE users ADD COLUMN identity_key text COLLATE "C";
            CREATE UNIQUE INDEX users_identity_key ON users (tailnet, identity_key);

            CREATE TABLE pending_logins (
                tailnet text COLLATE "C" NOT NULL,
                id text COLLATE "C" NOT NULL,
                machine_key text COLLATE "C" NOT NULL,
                node_key text COLLATE "C" NOT NULL,
                source text COLLATE "C" NOT NULL,
                content text COLLATE "C" NOT NULL,
                created_at double precision NOT NULL,
                deadline double precision NOT NULL,
                version bigint NOT NULL,
                CONSTRAINT pending_logins_pkey PRIMARY KEY (tailnet, id)
            );
            CREATE UNIQUE INDEX pending_logins_device ON pending_logins (tailnet, machine_key, node_key);
            CREATE INDEX pending_logins_source ON pending_logins (tailnet, source, created_at);
            CREATE INDEX pending_logins_deadline ON pending_logins (tailnet, deadline);

            CREATE TABLE login_steps (
                tailnet text COLLATE "C" NOT NULL,
                secret_hash bytea NOT NULL,
                browser_hash bytea NOT NULL,
                login text COLLATE "C" NOT NULL,
                stage text COLLATE "C" NOT NULL,
                deadline double precision NOT NULL,
                sequence bigint GENERATED ALWAYS AS IDENTITY,
                CONSTRAINT login_steps_pkey PRIMARY KEY (tailnet, secret_hash),
                CONSTRAINT login_steps_login_exists FOREIGN KEY (tailnet, login)
                    REFERENCES pending_logins (tailnet, id) ON DELETE CASCADE
            );
            CREATE INDEX login_steps_login ON login_steps (tailnet, login);
            """
    )
}
