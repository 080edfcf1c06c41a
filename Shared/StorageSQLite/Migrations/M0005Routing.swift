extension Migration {
    /// What decides between several routers of one route.
    static let m0005Routing = Migration(
        number: 5,
        sql: """
            ALTER TABLE nodes ADD COLUMN routing TEXT;
            """
    )
}
