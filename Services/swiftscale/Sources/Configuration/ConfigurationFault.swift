/// A value that cannot be used, or a key that must not be there.
struct ConfigurationFault: Error, Hashable, Sendable, CustomStringConvertible {
    var key: String
    /// `nil` where there is none to show: a secret, or no value at all.
    var value: String?
    /// Flag, environment variable, file and line, or `default`.
    var place: String
    /// What would be right, lower case, no final period.
    var expected: String

    var description: String {
        let shown = value.map { " is \"\($0)\"" } ?? ""
        return "\(key)\(shown) (\(place)): expected \(expected)"
    }
}

/// The configuration cannot be used; everything that is wrong with it, at once.
struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    var faults: [ConfigurationFault]
    /// What else its author should know: a misspelt key is often the cause of a fault elsewhere.
    var notes: [ConfigurationNote] = []

    var description: String {
        let count = faults.count == 1 ? "1 fault" : "\(faults.count) faults"
        let lines = faults.map(\.description) + notes.filter { $0.weight == .warning }.map { "also: \($0)" }
        return "the configuration has \(count):\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
}

/// Something about the configuration that its author should know; it does not stop the start.
struct ConfigurationNote: Hashable, Sendable, CustomStringConvertible {
    enum Weight: Hashable, Sendable {
        case notice
        case warning
    }

    var weight: Weight
    var text: String

    var description: String { text }
}
