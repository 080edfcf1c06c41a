/// The release of a client, as it tells it: `1.96.5`, `1.97.30-tabc-g123`.
///
/// Lines with an odd second number are unstable: they become the stable line that follows. What stands behind the numbers says how
/// a program was built, not which release it is.
public struct ClientRelease: Hashable, Comparable, Sendable {
    public let major: Int
    public let minor: Int
    public let patch: Int

    /// Returns `nil` unless `text` begins with three numbers, after which only `-…` or `+…` follows.
    public init?(_ text: String) {
        let numbers = text.prefix { $0 != "-" && $0 != "+" }
        let parts = numbers.split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2] else { return nil }
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    public var isStable: Bool { minor.isMultiple(of: 2) }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.major, lhs.minor, lhs.patch) < (rhs.major, rhs.minor, rhs.patch)
    }

    /// Digits alone, so few that they are no date or something else.
    private static func number(_ text: Substring) -> Int? {
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy(Set("0123456789".utf8).contains) else {
            return nil
        }
        return Int(text)
    }
}

extension ClientRelease: CustomStringConvertible {
    public var description: String { "\(major).\(minor).\(patch)" }
}
