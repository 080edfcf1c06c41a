/// A value of a posture attribute.
public enum PostureValue: Hashable, Sendable {
    case string(String)
    case number(Double)
    case bool(Bool)
}

/// One condition of a device posture, such as `node:tsVersion >= '1.60'`.
///
/// - Source: Tailscale's documentation of device posture: `==`, `!=`, `<`, `<=`, `>`, `>=`, `IN`, `NOT IN`, `IS SET`,
///   `NOT SET`; strings in single quotes; versions compare part by part.
public struct PostureCondition: Hashable, Sendable {
    public var attribute: String
    public var test: Test

    public enum Test: Hashable, Sendable {
        case isSet
        case isNotSet
        case compare(Comparison, PostureValue)
        case isIn([PostureValue])
        case isNotIn([PostureValue])
    }

    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case greater = ">"
    }

    static let namespaces = [
        "node", "custom", "ip", "intune", "jamf", "kandji", "kolide", "crowdstrike", "falcon", "fleet", "huntress",
        "iru", "sentinelOne", "oneid",
    ]

    /// Returns `nil` where the text is no condition.
    init?(_ text: String) {
        var scanner = PostureScanner(text)
        guard let attribute = scanner.attribute() else { return nil }
        self.attribute = attribute
        if scanner.words("IS", "SET") {
            test = .isSet
        } else if scanner.words("NOT", "SET") {
            test = .isNotSet
        } else if scanner.words("NOT", "IN") {
            guard let values = scanner.list() else { return nil }
            test = .isNotIn(values)
        } else if scanner.words("IN") {
            guard let values = scanner.list() else { return nil }
            test = .isIn(values)
        } else {
            guard let comparison = scanner.comparison(), let value = scanner.value() else { return nil }
            test = .compare(comparison, value)
        }
        guard scanner.isAtEnd else { return nil }
    }

    /// Whether a node with these attributes fulfils the condition; an absent attribute fulfils only `NOT SET`.
    func holds(for attributes: [String: PostureValue]) -> Bool {
        guard let value = attributes[attribute] else { return test == .isNotSet }
        switch test {
        case .isSet: return true
        case .isNotSet: return false
        case .isIn(let values): return values.contains(value)
        case .isNotIn(let values): return !values.contains(value)
        case .compare(.equal, let other): return value == other
        case .compare(.notEqual, let other): return value != other
        case .compare(let comparison, let other): return Self.ordered(value, comparison, other)
        }
    }

    private static func ordered(_ left: PostureValue, _ comparison: Comparison, _ right: PostureValue) -> Bool {
        let order: Int
        switch (left, right) {
        case (.number(let left), .number(let right)): order = left < right ? -1 : (left > right ? 1 : 0)
        case (.string(let left), .string(let right)): order = versionOrder(left, right)
        default: return false
        }
        switch comparison {
        case .atLeast: return order >= 0
        case .atMost: return order <= 0
        case .less: return order < 0
        case .greater: return order > 0
        case .equal: return order == 0
        case .notEqual: return order != 0
        }
    }

    /// Compares numbers in the texts as numbers, everything else as text.
    private static func versionOrder(_ left: String, _ right: String) -> Int {
        let (left, right) = (left.split { $0 == "." || $0 == "-" }, right.split { $0 == "." || $0 == "-" })
        for index in 0..<max(left.count, right.count) {
            guard index < left.count else { return -1 }
            guard index < right.count else { return 1 }
            if let one = Int(left[index]), let other = Int(right[index]) {
                if one != other { return one < other ? -1 : 1 }
            } else if left[index] != right[index] {
                return left[index] < right[index] ? -1 : 1
            }
        }
        return 0
    }
}
