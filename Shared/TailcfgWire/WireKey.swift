/// A key as Go's decoder matches it: without regard to case.
struct WireKey: CodingKey, ExpressibleByStringLiteral {
    /// The spelling of Go, for errors.
    let name: String
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) {
        name = stringValue
        self.stringValue = stringValue.lowercased()
    }

    init(stringLiteral value: StaticString) {
        self.init(stringValue: value.description)
    }

    init?(intValue: Int) { nil }
}

/// Spelling of what a client sends.
public enum KeyCasing: Sendable {
    /// As the Go client writes: `OSVersion`, `PreferredDERP`.
    case go
    /// As the Rust client writes: `OsVersion`, `PreferredDerp`.
    case rust
}
