extension Migration {
    /// Logins by SSH that wait for their person beside the logins of devices; when they were last confirmed.
    static let m0008SSHChecks = Migration(
        number: 8,
        sql: """
            ALTER TABLE pending_logins ADD COLUMN subject text COLLATE "C" NOT NULL DEFAULT '';
            DROP INDEX pending_logins_device;
            CREATE UNIQUE INDEX pending_logins_device ON pending_logins (tailnet, machine_key, node_key, subject);

            CREATE TABLE ssh_confirmations (
                tailnet text COLLATE "C" NOT NULL,
                source_node bigint NOT NULL,
                destination_node bigint NOT NULL,
                local_user text COLLATE "C" NOT NULL,
                confirmed_at double precision NOT NULL,
                CONSTRAINT ssh_confirmations_pkey PRIMARY KEY (tailnet, source_node, destination_node, local_user)
            );
            CREATE INDEX ssh_confirmations_age ON ssh_confirmations (tailnet, confirmed_at);
            """
    )
}
