extension Migration {
    /// The number of a step that is on its way.
    static let m0003Reserved = Migration(number: 3, sql: "SELECT 1")
}
