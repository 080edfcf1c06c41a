extension Migration {
    /// Users, nodes, keys, the change log.
    ///
    /// Text compares by its bytes (`COLLATE "C"`), whatever the database was created with. Dates are seconds since 2001, as
    /// Foundation keeps them, so that a date read is the date written. A tagged node counts as user 0 where one node per
    /// machine key and user is allowed. `nodes.auth_key_id` is no foreign key: it tells how a node came in, also after the
    /// key is gone.
    static let m0001Registry = Migration(
        number: 1,
        sql: """
            CREATE TABLE tailnets (
                tailnet text COLLATE "C" NOT NULL PRIMARY KEY,
                version bigint NOT NULL,
                trimmed_through bigint NOT NULL,
                next_user_id bigint NOT NULL,
                next_node_id bigint NOT NULL,
                next_auth_key_id bigint NOT NULL,
                next_api_key_id bigint NOT NULL
            );

            CREATE TABLE users (
                tailnet text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                name text COLLATE "C" NOT NULL,
                display_name text COLLATE "C" NOT NULL,
                email text COLLATE "C" NOT NULL,
                profile_picture_url text COLLATE "C" NOT NULL,
                created_at double precision NOT NULL,
                version bigint NOT NULL,
                CONSTRAINT users_pkey PRIMARY KEY (tailnet, id)
            );
            CREATE UNIQUE INDEX users_name ON users (tailnet, name);

            CREATE TABLE auth_keys (
                tailnet text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                prefix text COLLATE "C" NOT NULL,
                hash bytea NOT NULL,
                user_id bigint,
                tags text COLLATE "C" NOT NULL,
                is_reusable boolean NOT NULL,
                is_ephemeral boolean NOT NULL,
                is_used boolean NOT NULL,
                expiry double precision NOT NULL,
                created_at double precision NOT NULL,
                version bigint NOT NULL,
                CONSTRAINT auth_keys_pkey PRIMARY KEY (tailnet, id),
                CONSTRAINT auth_keys_user_exists FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id)
            );
            CREATE UNIQUE INDEX auth_keys_prefix ON auth_keys (tailnet, prefix);
            CREATE INDEX auth_keys_user ON auth_keys (tailnet, user_id);

            CREATE TABLE api_keys (
                tailnet text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                prefix text COLLATE "C" NOT NULL,
                hash bytea NOT NULL,
                expiry double precision NOT NULL,
                created_at double precision NOT NULL,
                last_seen double precision,
                version bigint NOT NULL,
                CONSTRAINT api_keys_pkey PRIMARY KEY (tailnet, id)
            );
            CREATE UNIQUE INDEX api_keys_prefix ON api_keys (tailnet, prefix);

            CREATE TABLE nodes (
                tailnet text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                stable_id text COLLATE "C" NOT NULL,
                machine_key text COLLATE "C" NOT NULL,
                node_key text COLLATE "C" NOT NULL,
                disco_key text COLLATE "C" NOT NULL,
                user_id bigint,
                tags text COLLATE "C" NOT NULL,
                hostname text COLLATE "C" NOT NULL,
                given_name text COLLATE "C" NOT NULL,
                is_name_pinned boolean NOT NULL,
                ipv4 text COLLATE "C",
                ipv6 text COLLATE "C",
                hostinfo text COLLATE "C" NOT NULL,
                endpoints text COLLATE "C" NOT NULL,
                home_derp bigint NOT NULL,
                capability_version bigint NOT NULL,
                register_method text COLLATE "C" NOT NULL,
                auth_key_id bigint,
                is_ephemeral boolean NOT NULL,
                expiry double precision,
                approved_routes text COLLATE "C" NOT NULL,
                is_online boolean NOT NULL,
                last_seen double precision,
                created_at double precision NOT NULL,
                version bigint NOT NULL,
                CONSTRAINT nodes_pkey PRIMARY KEY (tailnet, id),
                CONSTRAINT nodes_user_exists FOREIGN KEY (tailnet, user_id) REFERENCES users (tailnet, id)
            );
            CREATE UNIQUE INDEX nodes_stable_id ON nodes (tailnet, stable_id);
            CREATE UNIQUE INDEX nodes_node_key ON nodes (tailnet, node_key);
            CREATE UNIQUE INDEX nodes_machine_key ON nodes (tailnet, machine_key, COALESCE(user_id, 0));
            CREATE UNIQUE INDEX nodes_ipv4 ON nodes (tailnet, ipv4);
            CREATE UNIQUE INDEX nodes_ipv6 ON nodes (tailnet, ipv6);
            CREATE UNIQUE INDEX nodes_given_name ON nodes (tailnet, given_name);
            CREATE INDEX nodes_user ON nodes (tailnet, user_id);

            CREATE TABLE released_addresses (
                tailnet text COLLATE "C" NOT NULL,
                address text COLLATE "C" NOT NULL,
                version bigint NOT NULL,
                position bigint NOT NULL,
                PRIMARY KEY (tailnet, address)
            );
            CREATE INDEX released_addresses_age ON released_addresses (tailnet, version, position);

            CREATE TABLE changes (
                tailnet text COLLATE "C" NOT NULL,
                version bigint NOT NULL,
                kind text COLLATE "C" NOT NULL,
                id bigint NOT NULL,
                writer bigint NOT NULL,
                PRIMARY KEY (tailnet, version)
            );

            CREATE TABLE server_keys (
                name text COLLATE "C" NOT NULL PRIMARY KEY,
                secret bytea NOT NULL
            );
            """
    )
}
