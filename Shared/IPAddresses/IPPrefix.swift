/// An address and a prefix length, such as `100.64.0.0/10`.
public struct IPPrefix: Hashable, Sendable, Comparable {
    public let address: IPAddress
    /// Length of the network part, in bits.
    public let length: Int

    /// Returns `nil` for a length outside the family's range; host bits are kept.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.bitLength).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// The prefix that holds one address alone: /32 or /128.
    public init(single address: IPAddress) {
        self.address = address
        length = address.bitLength
    }

    /// Parses `address/length`; the length is required, without sign or leading zeros.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.lastIndex(of: "/"), let address = IPAddress(text[..<slash]) else { return nil }
        let digits = text[text.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            digits.utf8.count == 1 || digits.first != "0", let length = Int(digits)
        else { return nil }
        self.init(address, length: length)
    }

    /// The same network with all host bits zero.
    public var masked: IPPrefix {
        IPPrefix(unchecked: first, length: length)
    }

    public var isSingle: Bool { length == address.bitLength }

    /// The lowest address of the network.
    public var first: IPAddress {
        switch address {
        case .v4(let address): .v4(IPv4Address(address.value & ~hostMask4))
        case .v6(let address): .v6(IPv6Address(address.value & ~hostMask6))
        }
    }

    /// The highest address of the network.
    public var last: IPAddress {
        switch address {
        case .v4(let address): .v4(IPv4Address(address.value | hostMask4))
        case .v6(let address): .v6(IPv6Address(address.value | hostMask6))
        }
    }

    public func contains(_ other: IPAddress) -> Bool {
        other.bitLength == address.bitLength && first <= other && other <= last
    }

    public func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    public func overlaps(_ other: IPPrefix) -> Bool {
        contains(other) || other.contains(self)
    }

    public static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.address, lhs.length) < (rhs.address, rhs.length)
    }

    private init(unchecked address: IPAddress, length: Int) {
        self.address = address
        self.length = length
    }

    private var hostMask4: UInt32 { length == 0 ? .max : (1 << (32 - UInt32(length))) - 1 }
    private var hostMask6: UInt128 { length == 0 ? .max : (1 << (128 - UInt128(length))) - 1 }
}

extension IPPrefix: CustomStringConvertible {
    public var description: String { "\(address)/\(length)" }
}
