extension Migration {
    /// What devices say of their hardware.
    static let m0010Posture = Migration(
        number: 10,
        sql: """
            ALTER TABLE nodes ADD COLUMN posture_identity TEXT;
            """
    )
}
