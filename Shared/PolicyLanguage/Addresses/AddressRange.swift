public import IPAddresses

/// Addresses of one family from a first to a last one, both included.
public struct AddressRange: Hashable, Sendable, Comparable {
    let isIPv6: Bool
    let first: UInt128
    let last: UInt128

    init(isIPv6: Bool, first: UInt128, last: UInt128) {
        self.isIPv6 = isIPv6
        self.first = first
        self.last = last
    }

    public init(_ prefix: IPPrefix) {
        self.init(isIPv6: prefix.address.bitLength == 128, first: prefix.first.number, last: prefix.last.number)
    }

    public init(_ address: IPAddress) {
        self.init(isIPv6: address.bitLength == 128, first: address.number, last: address.number)
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        if lhs.isIPv6 != rhs.isIPv6 { return rhs.isIPv6 }
        return (lhs.first, lhs.last) < (rhs.first, rhs.last)
    }

    public func contains(_ other: AddressRange) -> Bool {
        isIPv6 == other.isIPv6 && first <= other.first && other.last <= last
    }

    public func overlaps(_ other: AddressRange) -> Bool {
        isIPv6 == other.isIPv6 && first <= other.last && other.first <= last
    }

    /// The prefix that covers exactly these addresses, if there is one.
    var exactPrefix: IPPrefix? {
        let size = last &- first &+ 1
        let bits = isIPv6 ? 128 : 32
        if size == 0 { return IPPrefix(firstAddress, length: 0) }
        guard size & (size - 1) == 0, first & (size - 1) == 0 else { return nil }
        return IPPrefix(firstAddress, length: bits - size.trailingZeroBitCount)
    }

    /// The fewest prefixes that cover exactly these addresses, in order.
    var prefixes: [IPPrefix] {
        let bits = isIPv6 ? 128 : 32
        var result: [IPPrefix] = []
        var from = first
        while true {
            var length = min(from.trailingZeroBitCount, bits)
            while length > 0, Self.hostMask(length) > last - from { length -= 1 }
            let end = from + Self.hostMask(length)
            if let prefix = IPPrefix(Self.address(from, isIPv6: isIPv6), length: bits - length) {
                result.append(prefix)
            }
            guard end < last else { return result }
            from = end + 1
        }
    }

    /// As many ones as there are host bits.
    private static func hostMask(_ length: Int) -> UInt128 {
        length == 128 ? .max : (1 << UInt128(length)) - 1
    }

    var firstAddress: IPAddress { Self.address(first, isIPv6: isIPv6) }
    var lastAddress: IPAddress { Self.address(last, isIPv6: isIPv6) }

    private static func address(_ number: UInt128, isIPv6: Bool) -> IPAddress {
        isIPv6 ? .v6(IPv6Address(number)) : .v4(IPv4Address(UInt32(truncatingIfNeeded: number)))
    }
}

extension AddressRange: CustomStringConvertible {
    /// As a packet filter writes it: an address, a prefix, or `first-last`.
    public var description: String {
        if first == last { return firstAddress.description }
        return exactPrefix?.description ?? spelledOut
    }

    /// `first-last`, also where a prefix would do.
    var spelledOut: String { "\(firstAddress)-\(lastAddress)" }
}

extension IPAddress {
    var number: UInt128 {
        switch self {
        case .v4(let address): UInt128(address.value)
        case .v6(let address): address.value
        }
    }
}
