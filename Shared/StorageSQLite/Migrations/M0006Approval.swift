extension Migration {
    /// Whether devices are approved, and auth keys approve; ephemeral nodes by their last contact.
    static let m0006Approval = Migration(
        number: 6,
        sql: """
            ALTER TABLE nodes ADD COLUMN is_approved INTEGER NOT NULL DEFAULT 1;
            ALTER TABLE auth_keys ADD COLUMN is_preapproved INTEGER NOT NULL DEFAULT 0;

            DROP INDEX nodes_idle_ephemeral;
            CREATE INDEX nodes_idle_ephemeral ON nodes (tailnet, COALESCE(last_seen, created_at))
                WHERE is_ephemeral = 1 AND is_online = 0;
            """
    )
}
