/// What a command has to say: for people, and for programs.
struct Report: Hashable, Sendable {
    /// Without a final line break; empty: nothing is printed.
    var text: String
    var value: JSONValue
    /// Whether the command, having said what it found, ends with 1.
    var isRefusal = false

    /// - Parameter format: `nil`: for people.
    func rendered(as format: OutputFormat?) throws(CommandFailure) -> String {
        guard let format else { return text }
        return try format.text(value)
    }
}

extension CommandFailure {
    /// What is printed on standard error.
    func rendered(as format: OutputFormat?) -> String {
        guard let format, let text = try? format.text(.object(["error": .text(message)])) else {
            return "Error: \(message)"
        }
        return text
    }
}
