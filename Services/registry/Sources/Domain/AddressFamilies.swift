import ControlModel
import IPAddresses

/// Some of IPv4 and IPv6.
struct AddressFamilies: OptionSet, Hashable, Sendable {
    static let ipv4 = AddressFamilies(rawValue: 1)
    static let ipv6 = AddressFamilies(rawValue: 2)

    let rawValue: Int
}

/// How a node's addresses differ from what is configured.
struct AddressGap: Hashable, Sendable {
    /// It has none of these.
    var missing = AddressFamilies()
    /// Nodes no longer get any of these.
    var superfluous = AddressFamilies()
    /// It has one from which nodes no longer get theirs: the prefix was changed.
    var outside = AddressFamilies()

    var isEmpty: Bool { wanted.isEmpty && superfluous.isEmpty }
    /// Families in which the node needs a new address.
    var wanted: AddressFamilies { missing.union(outside) }

    /// - Parameter pools: from which the policy gives the node its IPv4 address, also outside of the prefix.
    init(_ node: Node, ipv4Prefix: IPPrefix?, ipv6Prefix: IPPrefix?, pools: [IPPrefix] = []) {
        switch (node.ipv4, ipv4Prefix) {
        case (nil, .some): missing.insert(.ipv4)
        case (.some, nil): superfluous.insert(.ipv4)
        case (let address?, let prefix?):
            if !([prefix] + pools).contains(where: { $0.contains(.v4(address)) }) { outside.insert(.ipv4) }
        case (nil, nil): break
        }
        switch (node.ipv6, ipv6Prefix) {
        case (nil, .some): missing.insert(.ipv6)
        case (.some, nil): superfluous.insert(.ipv6)
        case (let address?, let prefix?): if !prefix.contains(.v6(address)) { outside.insert(.ipv6) }
        case (nil, nil): break
        }
    }

    /// What a backfill would do about it, a line for each address.
    func plan(for node: Node) -> [String] {
        var lines: [String] = []
        for (family, name, address) in [
            (AddressFamilies.ipv4, "IPv4", node.ipv4?.description), (.ipv6, "IPv6", node.ipv6?.description),
        ] {
            let address = address ?? ""
            if missing.contains(family) { lines.append("gets an \(name) address") }
            if superfluous.contains(family) {
                lines.append("loses \(address): nodes get no \(name) addresses any more")
            }
            if outside.contains(family) { lines.append("gets another address for \(address), which is in no prefix") }
        }
        return lines.map { "node \(node.id) (\(node.givenName)): \($0)" }
    }
}
