extension Migration {
    /// Logins that wait for a person; who users are at a provider.
    ///
    /// `users.identity_key` is issuer and subject as one text, so that a unique index can hold them.
    static let m0004Logins = Migration(
        number: 4,
        sql: """
            ALTER TABLE users ADD COLUMN identity TEXT;
            ALTER TABLE users ADD COLUMN identity_key TEXT;
            CREATE UNIQUE INDEX users_identity_key ON users (tailnet, identity_key);

            CREATE TABLE pending_logins (
                tailnet TEXT NOT NULL,
                id TEXT NOT NULL,
                machine_key TEXT NOT NULL,
                node_key TEXT NOT NULL,
                source TEXT NOT NULL,
                content TEXT NOT NULL,
                created_at REAL NOT NULL,
                deadline REAL NOT NULL,
                version INTEGER NOT NULL,
                PRIMARY KEY (tailnet, id)
            ) STRICT;
            CREATE UNIQUE INDEX pending_logins_device ON pending_logins (tailnet, machine_key, node_key);
            CREATE INDEX pending_logins_source ON pending_logins (tailnet, source, created_at);
            CREATE INDEX pending_logins_deadline ON pending_logins (tailnet, deadline);

            CREATE TABLE login_steps (
                tailnet TEXT NOT NULL,
                secret_hash BLOB NOT NULL,
                browser_hash BLOB NOT NULL,
                login TEXT NOT NULL,
                stage TEXT NOT NULL,
                deadline REAL NOT NULL,
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                UNIQUE (tailnet, secret_hash),
                FOREIGN KEY (tailnet, login) REFERENCES pending_logins (tailnet, id) ON DELETE CASCADE
            ) STRICT;
            CREATE INDEX login_steps_login ON login_steps (tailnet, login);
            """
    )
}
