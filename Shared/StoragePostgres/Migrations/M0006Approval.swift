extension Migration {
    /// Whether devices are approved, and auth keys approve; ephemeral nodes by their last contact.
    static let m0006Approval = Migration(
        number: 6,
        sql: """
            ALTER TABLE nodes ADD COLUMN is_approved boolean NOT NULL DEFAULT true;
            ALTER TABLE auth_keys ADD COLUMN is_preapproved boolean NOT NULL DEFAULT false;

            CREATE INDEX nodes_idle_ephemeral_contact ON nodes (tailnet, COALESCE(last_seen, created_at), id)
                WHERE is_ephemeral AND NOT is_online;
            """
    )
}
