/// An address of either family; IPv4 sorts before IPv6.
public enum IPAddress: Hashable, Sendable, Comparable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    public init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let address = IPv6Address(text) else { return nil }
            self = .v6(address)
        } else {
            guard let address = IPv4Address(text) else { return nil }
            self = .v4(address)
        }
    }

    /// Length of an address of this family, in bits: 32 or 128.
    public var bitLength: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The same address as IPv4 where it is a mapped one (`::ffff:a.b.c.d`).
    public var unmapped: IPAddress {
        guard case .v6(let address) = self, address.value >> 32 == 0xFFFF else { return self }
        return .v4(IPv4Address(UInt32(truncatingIfNeeded: address.value)))
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}
