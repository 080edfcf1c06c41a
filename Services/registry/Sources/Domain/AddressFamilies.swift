import ControlModel
import IPAddresses

/// Some of IPv4 and IPv6.
struct AddressFamilies: OptionSet, Hashable, Sendable {
    static let ipv4 = AddressFamilies(rawValue: 1)
    static let ipv6 = AddressFamilies(rawValue: 2)

    let rawValue: Int
}

/// How a node's addresses differ from what is configured: which are missing, which are of a family that nodes no longer get.
struct AddressGap: Hashable, Sendable {
    var missing = AddressFamilies()
    var superfluous = AddressFamilies()

    var isEmpty: Bool { missing.isEmpty && superfluous.isEmpty }

    init(_ node: Node, ipv4Prefix: IPPrefix?, ipv6Prefix: IPPrefix?) {
        if node.ipv4 == nil, ipv4Prefix != nil { missing.insert(.ipv4) }
        if node.ipv6 == nil, ipv6Prefix != nil { missing.insert(.ipv6) }
        if node.ipv4 != nil, ipv4Prefix == nil { superfluous.insert(.ipv4) }
        if node.ipv6 != nil, ipv6Prefix == nil { superfluous.insert(.ipv6) }
    }
}
