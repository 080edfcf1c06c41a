/// An IPv6 address as a number, without a zone.
public struct IPv6Address: Hashable, Sendable, Comparable {
    public var value: UInt128

    public init(_ value: UInt128) {
        self.value = value
    }

    /// Parses the forms of RFC 4291 §2.2, an embedded IPv4 tail included; a zone is refused.
    public init?(_ text: some StringProtocol) {
        guard let groups = parseGroups(Substring(text)) else { return nil }
        value = groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The eight 16-bit groups, most significant first.
    public var groups: [UInt16] {
        (0..<8).map { UInt16(truncatingIfNeeded: value >> (112 - 16 * $0)) }
    }

    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.value < rhs.value }
}

extension IPv6Address: CustomStringConvertible {
    /// The canonical form of RFC 5952; mapped addresses print as `::ffff:1.2.3.4`, as Go prints them.
    public var description: String {
        let groups = groups
        if value >> 32 == 0xFFFF { return "::ffff:\(IPv4Address(UInt32(truncatingIfNeeded: value)))" }
        guard let gap = longestZeroRun(groups) else { return hexList(groups[...]) }
        return hexList(groups[..<gap.lowerBound]) + "::" + hexList(groups[gap.upperBound...])
    }
}

private func hexList(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
}

/// The first longest run of two or more zero groups.
private func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start: Int?
    for index in 0...groups.count {
        if index < groups.count, groups[index] == 0 {
            start = start ?? index
        } else if let from = start {
            if index - from >= 2, index - from > best?.count ?? 0 { best = from..<index }
            start = nil
        }
    }
    return best
}

private func parseGroups(_ text: Substring) -> [UInt16]? {
    guard let gap = text.firstDoubleColon else {
        guard let groups = parseSide(text), groups.count == 8 else { return nil }
        return groups
    }
    let after = text[text.index(gap, offsetBy: 2)...]
    guard after.firstDoubleColon == nil, after.first != ":",
        let head = gap == text.startIndex ? [] : parseSide(text[..<gap], isTail: false),
        let tail = after.isEmpty ? [] : parseSide(after),
        head.count + tail.count < 8
    else { return nil }
    return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
}

private func parseSide(_ text: Substring, isTail: Bool = true) -> [UInt16]? {
    var groups: [UInt16] = []
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if isTail, index == parts.count - 1, part.contains(".") {
            guard let mapped = IPv4Address(part) else { return nil }
            groups.append(UInt16(truncatingIfNeeded: mapped.value >> 16))
            groups.append(UInt16(truncatingIfNeeded: mapped.value))
        } else {
            guard (1...4).contains(part.utf8.count), part.utf8.allSatisfy(isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
    }
    return groups.count <= 8 ? groups : nil
}

private func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
    default:
        false
    }
}

extension Substring {
    fileprivate var firstDoubleColon: Index? {
        var previous: Index?
        for index in indices {
            if self[index] == ":", let before = previous, self[before] == ":" { return before }
            previous = index
        }
        return nil
    }
}
