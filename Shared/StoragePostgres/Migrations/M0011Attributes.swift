extension Migration {
    /// What somebody knows of devices, for policies, and when the next of a device's attributes ends.
    static let m0011Attributes = Migration(
        number: 11,
        sql: """
            ALTER TABLE nodes ADD COLUMN attributes text COLLATE "C" NOT NULL DEFAULT '[]';
            ALTER TABLE nodes ADD COLUMN attributes_end double precision;

            CREATE INDEX nodes_attributes_end ON nodes (tailnet, attributes_end) WHERE attributes_end IS NOT NULL;
            """
    )
}
