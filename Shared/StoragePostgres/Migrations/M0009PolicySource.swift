extension Migration {
    /// From where a policy was put in force.
    static let m0009PolicySource = Migration(
        number: 9,
        sql: """
            ALTER TABLE policies ADD COLUMN source text COLLATE "C" NOT NULL DEFAULT '';
            """
    )
}
