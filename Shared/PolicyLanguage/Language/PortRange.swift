/// Ports from a first to a last one, both included.
public struct PortRange: Hashable, Sendable, Comparable {
    public var first: UInt16
    public var last: UInt16

    public init(first: UInt16, last: UInt16) {
        self.first = first
        self.last = last
    }

    /// What `*` means.
    public static let all = PortRange(first: 0, last: .max)

    public func contains(_ port: UInt16) -> Bool {
        first <= port && port <= last
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.first, lhs.last) < (rhs.first, rhs.last)
    }

    /// Reads `*`, or numbers and ranges separated by commas.
    ///
    /// - Errors: the wording of the service.
    static func list(_ text: String) throws(WordingError) -> [PortRange] {
        if text == "*" { return [.all] }
        var ranges: [PortRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            ranges.append(try range(part.trimmed, of: text))
        }
        return ranges
    }

    private static func range(_ part: String, of text: String) throws(WordingError) -> PortRange {
        let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { String($0).trimmed }
        guard let first = number(ends[0]) else {
            throw WordingError("port range \"\(text)\": invalid first integer")
        }
        guard let last = ends.count == 1 ? first : number(ends[1]) else {
            throw WordingError("port range \"\(text)\": invalid last integer")
        }
        guard first > 0 else {
            throw WordingError("port range \"\(text)\": first port must be >0, or use '*' for wildcard")
        }
        guard first <= last else { throw WordingError("port range \"\(text)\": first port must be <= last port") }
        return PortRange(first: first, last: last)
    }

    private static func number(_ text: String) -> UInt16? {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return UInt16(text)
    }
}

extension PortRange: CustomStringConvertible {
    public var description: String {
        if self == .all { return "*" }
        return first == last ? "\(first)" : "\(first)-\(last)"
    }
}

/// A refusal in the words of the service, before it is known where it stands.
struct WordingError: Error {
    var message: String

    init(_ message: String) {
        self.message = message
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
