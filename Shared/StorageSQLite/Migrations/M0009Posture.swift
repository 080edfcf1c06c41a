extension Migration {
    /// What devices say of their hardware.
    static let m0009Posture = Migration(
        number: 9,
        sql: """
            ALTER TABLE nodes ADD COLUMN posture_identity TEXT;
            """
    )
}
