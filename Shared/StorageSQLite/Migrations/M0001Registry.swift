extension Migration {
    /// Users, nodes, keys, the change log.
    ///
    /// Dates are seconds since 2001, as Foundation keeps them, so that a date read is the date written. A tagged node counts as
    /// user 0 where one node per machine key and user is allowed. `nodes.auth_key_id` is no foreign key: it tells how a
    /// node came in, also after the key is gone.
    static let m0001Registry = Migration(
        number: 1,
        sql: """
            CREATE TABLE tailnets (
                tailnet TEXT NOT NULL PRIMARY KEY,
                version INTEGER NOT NULL,
                trimmed_through INTEGER NOT NULL,
                next_user_id INTEGER NOT NULL,
                next_node_id INTEGER NOT NULL,
                next_auth_key_id INTEGER NOT NULL,
                next_api_key_id INTEGER NOT NULL
            ) STRICT;

            CREATE TABLE users (
                tailnet TEXT NOT NULL,
                id INTEGER NOT NULL,
                name TEXT NOT NULL,
                display_name TEXT NOT NULL,
                email TEXT NOT NULL,
                profile_picture_url TEXT NOT NULL,
                created_at REAL NOT NULL,
                version INTEGER NOT NULL,
                PRIMARY KEY (tailnet, id)
            ) STRICT;
            CREATE UNIQUE INDEX users_name ON users (tailnet, name);

            CREATE TABLE auth_keys (
                tailnet TEXT NOT NULL,
                id INTEGER NOT NULL,
                prefix TEXT NOT NULL,
                hash BLOB NOT NULL,
                user_id INTEGER,
                tags TEXT NOT NULL,
                is_reusable INTEGER NOT NULL,
                is_ephemeral INTEGER NOT NULL,
                is_used INTEGER NOT NULL,
                expiry REAL NOT NULL,
                created_at REAL NOT NULL,
                version INTEGER NOT NULL,
                PRIMARY KEY (tailnet, id),
                FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id)
            ) STRICT;
            CREATE UNIQUE INDEX auth_keys_prefix ON auth_keys (tailnet, prefix);
            CREATE INDEX auth_keys_user ON auth_keys (tailnet, user_id);

            CREATE TABLE api_keys (
                tailnet TEXT NOT NULL,
                id INTEGER NOT NULL,
                prefix TEXT NOT NULL,
                hash BLOB NOT NULL,
                expiry REAL NOT NULL,
                created_at REAL NOT NULL,
                last_seen REAL,
                version INTEGER NOT NULL,
                PRIMARY KEY (tailnet, id)
            ) STRICT;
            CREATE UNIQUE INDEX api_keys_prefix ON api_keys (tailnet, prefix);

            CREATE TABLE nodes (
                tailnet TEXT NOT NULL,
                id INTEGER NOT NULL,
                stable_id TEXT NOT NULL,
                machine_key TEXT NOT NULL,
                node_key TEXT NOT NULL,
                disco_key TEXT NOT NULL,
                user_id INTEGER,
                tags TEXT NOT NULL,
                hostname TEXT NOT NULL,
                given_name TEXT NOT NULL,
                is_name_pinned INTEGER NOT NULL,
                ipv4 TEXT,
                ipv6 TEXT,
                hostinfo TEXT NOT NULL,
                endpoints TEXT NOT NULL,
                home_derp INTEGER NOT NULL,
                capability_version INTEGER NOT NULL,
                register_method TEXT NOT NULL,
                auth_key_id INTEGER,
                is_ephemeral INTEGER NOT NULL,
                expiry REAL,
                approved_routes TEXT NOT NULL,
                is_online INTEGER NOT NULL,
                last_seen REAL,
                created_at REAL NOT NULL,
                version INTEGER NOT NULL,
                PRIMARY KEY (tailnet, id),
                FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id)
            ) STRICT;
            CREATE UNIQUE INDEX nodes_stable_id ON nodes (tailnet, stable_id);
            CREATE UNIQUE INDEX nodes_node_key ON nodes (tailnet, node_key);
            CREATE UNIQUE INDEX nodes_machine_key ON nodes (tailnet, machine_key, COALESCE(user_id, 0));
            CREATE UNIQUE INDEX nodes_ipv4 ON nodes (tailnet, ipv4);
            CREATE UNIQUE INDEX nodes_ipv6 ON nodes (tailnet, ipv6);
            CREATE UNIQUE INDEX nodes_given_name ON nodes (tailnet, given_name);
            CREATE INDEX nodes_user ON nodes (tailnet, user_id);

            CREATE TABLE released_addresses (
                sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                tailnet TEXT NOT NULL,
                address TEXT NOT NULL,
                UNIQUE (tailnet, address)
            ) STRICT;

            CREATE TABLE changes (
                tailnet TEXT NOT NULL,
                version INTEGER NOT NULL,
                kind TEXT NOT NULL,
                id INTEGER NOT NULL,
                PRIMARY KEY (tailnet, version)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE server_keys (
                name TEXT NOT NULL PRIMARY KEY,
                secret BLOB NOT NULL
            ) STRICT;
            """
    )
}
