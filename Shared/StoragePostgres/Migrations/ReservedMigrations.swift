extension Migration {
    /// Numbers of steps that are on their way.
    static let m0002Reserved = Migration(number: 2, sql: "SELECT 1")
    static let m0003Reserved = Migration(number: 3, sql: "SELECT 1")
}
