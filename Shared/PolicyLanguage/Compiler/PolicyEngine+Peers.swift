public import IPAddresses

/// A node as one other node sees it.
public struct PeerView: Hashable, Sendable {
    public var id: Int64
    /// Own addresses and the routes this viewer may use there.
    public var allowedIPs: [IPPrefix]
    /// Those of the allowed addresses that are subnet routes.
    public var primaryRoutes: [IPPrefix]
    public var capabilities: [PacketFilterRule.Capability]
}

/// A node as it sees itself.
public struct SelfView: Hashable, Sendable {
    /// Own addresses and all approved routes.
    public var allowedIPs: [IPPrefix]
    /// Subnet routes for which it is the first router.
    public var primaryRoutes: [IPPrefix]
    /// Sorted by name.
    public var capabilities: [PacketFilterRule.Capability]
}

extension PolicyEngine {
    /// The ids of the nodes that a node sees, ascending.
    public func peerIDs(of id: Int64) -> [Int64] {
        guard let entry = entries[id] else { return [] }
        let group = classes[entry.classNumber]
        var result: [Int64] = []
        for peer in group.peers { result += classes[peer].members }
        var own: [Int64] = []
        if !entry.node.isTagged, let user = entry.node.user {
            own = (nodesOfUser[user] ?? []).filter { sibling in
                guard let other = entries[sibling], sibling != id else { return false }
                let kind = classes[other.classNumber]
                return (group.reachesOwn || kind.reachesOwn) && !group.peers.contains(other.classNumber)
            }
        }
        return (result.filter { $0 != id } + own).sorted()
    }

    /// Whether two nodes see each other.
    public func areVisible(_ one: Int64, _ other: Int64) -> Bool {
        guard one != other, let left = entries[one], let right = entries[other] else { return false }
        let (group, peer) = (classes[left.classNumber], classes[right.classNumber])
        if group.peers.contains(right.classNumber) { return true }
        guard !left.node.isTagged, !right.node.isTagged, let user = left.node.user, user == right.node.user else {
            return false
        }
        return group.reachesOwn || peer.reachesOwn
    }

    /// What a node sees of its peers, by ascending id.
    public func peers(of id: Int64) -> [PeerView] {
        guard isSettled else { return settled.peers(of: id) }
        guard let viewer = entries[id] else { return [] }
        return peerIDs(of: id).compactMap { peer in
            entries[peer].map { view(of: $0, by: viewer) }
        }
    }

    private func view(of peer: NodeEntry, by viewer: NodeEntry) -> PeerView {
        let usable = (routeViewers[peer.node.id] ?? []).filter { $0.classes.contains(viewer.classNumber) }
        var addresses = visibleAddresses(of: peer)
        if lacksIPv4(viewer) { addresses = addresses.filter { $0.address.bitLength == 128 } }
        let capabilities: [PacketFilterRule.Capability] =
            usable.contains { $0.route.isExitRoute } ? [.init(name: "suggest-exit-node", values: nil)] : []
        return PeerView(
            id: peer.node.id,
            allowedIPs: addresses + usable.map(\.route),
            primaryRoutes: usable.map(\.route).filter { !$0.isExitRoute },
            capabilities: capabilities
        )
    }

    /// What a node sees of itself.
    ///
    /// - Parameter updatesAutomatically: the tailnet's setting for devices whose owner has not decided.
    public func selfView(of id: Int64, updatesAutomatically: Bool = false) -> SelfView? {
        guard isSettled else { return settled.selfView(of: id, updatesAutomatically: updatesAutomatically) }
        guard let entry = entries[id] else { return nil }
        let viewers = routeViewers[id] ?? []
        return SelfView(
            allowedIPs: visibleAddresses(of: entry) + viewers.map(\.route),
            primaryRoutes: viewers.filter(\.isPrimary).map(\.route),
            capabilities: capabilities(of: entry, updatesAutomatically: updatesAutomatically)
        )
    }

    private func visibleAddresses(of entry: NodeEntry) -> [IPPrefix] {
        let addresses = entry.node.addresses.map { IPPrefix(single: $0) }
        return lacksIPv4(entry) ? addresses.filter { $0.address.bitLength == 128 } : addresses
    }

    private func lacksIPv4(_ entry: NodeEntry) -> Bool {
        lacksIPv4(classes[entry.classNumber])
    }

    /// Whether nodes of a class neither show nor are shown IPv4 addresses.
    func lacksIPv4(_ group: NodeClass) -> Bool {
        guard document.disableIPv4 || hasIPv4Attribute else { return false }
        return document.disableIPv4 || attributes(of: group).contains { $0.name == "disable-ipv4" }
    }

    private var hasIPv4Attribute: Bool {
        document.nodeAttributes.contains { $0.attributes.contains("disable-ipv4") }
    }

    /// The capabilities that a node finds for who comes from an address, sorted by name.
    public func capabilities(of source: IPAddress, at id: Int64) -> [PacketFilterRule.Capability] {
        Self.capabilities(of: source, in: packetFilter(of: id))
    }

    static func capabilities(of source: IPAddress, in filter: [PacketFilterRule]) -> [PacketFilterRule.Capability] {
        let (family, range) = (source.bitLength, AddressRange(source))
        var result: [PacketFilterRule.Capability] = []
        for rule in filter where !rule.capabilities.isEmpty && rule.sources.contains(range) {
            let isMeant: (PacketFilterRule.CapabilityGrant) -> Bool = { part in
                part.destinations.contains { $0.isSingle && $0.address.bitLength == family }
            }
            for capability in rule.capabilities.filter(isMeant).flatMap(\.capabilities) { result.merge(capability) }
        }
        return result.sorted { $0.name < $1.name }
    }
}

extension [PacketFilterRule.Capability] {
    /// Adds a capability; values of the same name are put together.
    mutating func merge(_ capability: PacketFilterRule.Capability) {
        guard let index = firstIndex(where: { $0.name == capability.name }) else { return append(capability) }
        guard let values = capability.values else { return }
        self[index].values = (self[index].values ?? []) + values
    }
}
