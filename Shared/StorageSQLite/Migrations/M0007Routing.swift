extension Migration {
    /// What decides between several routers of one route.
    static let m0007Routing = Migration(
        number: 7,
        sql: """
            ALTER TABLE nodes ADD COLUMN routing TEXT;
            """
    )
}
