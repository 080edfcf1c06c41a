/// What decides what a node is shown: its class, and its user where rules speak of a user's own nodes.
public struct ViewerUnit: Hashable, Sendable {
    public let classNumber: Int
    public let user: Int64?
}

/// What a unit sees: units with equal sights see the same nodes in the same form.
///
/// Comparable while ``PolicyEngine/routeRevision`` is the same.
public struct ViewerSight: Hashable, Sendable {
    let peers: BitSet
    /// Indices of the sets of classes that may use routes.
    let routes: BitSet
    let user: Int64?
    let reachesOwn: Bool
    /// Whether it is shown no IPv4 addresses.
    public let lacksIPv4: Bool
}

/// The names that an SSH rule is about, as numbers.
struct SSHRuleNames: Hashable, Sendable {
    /// Sources and recorders.
    let coming: BitSet
    let destinations: BitSet
    /// Whether it depends on the destination's user.
    let isAboutUsers: Bool

    init(_ rule: SSHRule, aliases: AliasTable) {
        coming = BitSet((rule.sources + rule.recorders).compactMap { aliases[$0] })
        let others = rule.destinations.filter { $0 != .autogroup(.own) }
        destinations = BitSet(others.compactMap { aliases[$0] })
        isAboutUsers = others.count != rule.destinations.count || !SSHLocalParts(rule.users).domains.isEmpty
    }
}
