/// When a session lets the server make its plans anew.
///
/// The server keeps the plan of a prepared statement until it has analyzed the tables, which it does once a minute. A plan that was
/// made while a table was empty takes any index and reads all rows: the first thousands of nodes would come in slower and slower.
struct PlanAge {
    /// Statements after the first of which plans are old.
    private static let first = 32
    /// Twice as many each time, up to this.
    private static let most = 1024

    private var left = Self.first
    private var lifetime = Self.first

    mutating func used(by statements: Int) {
        left -= statements
    }

    /// Whether plans are to be made anew now; if so, they count as new.
    mutating func areDue() -> Bool {
        guard left <= 0 else { return false }
        lifetime = min(lifetime * 2, Self.most)
        left = lifetime
        return true
    }
}
