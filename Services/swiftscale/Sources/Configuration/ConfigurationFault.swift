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

    var description: String {
        let count = faults.count == 1 ? "1 fault" : "\(faults.count) faults"
        return "the configuration has \(count):\n" + faults.map { "  \($0)" }.joined(separator: "\n")
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
