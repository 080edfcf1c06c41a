public import IPAddresses

/// What a control server needs to keep many viewers up to date: answers for units instead of nodes.
extension PolicyEngine {
    /// The unit a node belongs to; `nil` where there is no such node.
    ///
    /// - Precondition: the engine is settled.
    public func viewerUnit(of id: Int64) -> ViewerUnit? {
        guard let entry = entries[id] else { return nil }
        let showsOwn = !entry.node.isTagged && ownSights.contains(entry.classNumber)
        return ViewerUnit(classNumber: entry.classNumber, user: showsOwn ? entry.node.user : nil)
    }

    /// What a unit sees.
    ///
    /// - Precondition: the engine is settled.
    public func sight(of unit: ViewerUnit) -> ViewerSight {
        let group = classes[unit.classNumber]
        var routes = BitSet()
        for (index, set) in routeSets.enumerated() where set.contains(unit.classNumber) { routes.insert(index) }
        return ViewerSight(
            peers: group.peers,
            routes: routes,
            user: unit.user,
            reachesOwn: unit.user != nil && group.reachesOwn,
            lacksIPv4: lacksIPv4(group)
        )
    }

    public func sees(_ sight: ViewerSight, _ id: Int64) -> Bool {
        guard let entry = entries[id] else { return false }
        if sight.peers.contains(entry.classNumber) { return true }
        guard let user = sight.user, !entry.node.isTagged, entry.node.user == user else { return false }
        return sight.reachesOwn || classes[entry.classNumber].reachesOwn
    }

    /// The nodes that are seen, ascending; the viewer itself may be among them.
    public func nodes(in sight: ViewerSight) -> [Int64] {
        var result: [Int64] = []
        for peer in sight.peers { result += classes[peer].members }
        if let user = sight.user {
            result += (nodesOfUser[user] ?? []).filter { id in
                guard let number = entries[id]?.classNumber, !sight.peers.contains(number) else { return false }
                return sight.reachesOwn || classes[number].reachesOwn
            }
        }
        return result.sorted()
    }

    /// The untagged nodes of a user, ascending.
    public func nodes(ofUser id: Int64) -> [Int64] { nodesOfUser[id] ?? [] }

    /// Whether there are routes of a node that anybody uses.
    public func isRouter(_ id: Int64) -> Bool { entries[id]?.isRouter ?? false }

    /// The routes of a node that a unit may use there.
    public func routes(of id: Int64, for unit: ViewerUnit) -> [IPPrefix] {
        (routeViewers[id] ?? []).filter { $0.classes.contains(unit.classNumber) }.map(\.route)
    }

    /// Whether a node is shown without its IPv4 address.
    public func isWithoutIPv4(_ id: Int64) -> Bool {
        entries[id].map { lacksIPv4(classes[$0.classNumber]) } ?? false
    }

    /// What ``changedRouters(since:)`` compares with.
    public struct RouteTable: Sendable {
        let viewers: [Int64: [RouteViewers]]
        public let revision: Int
    }

    public var routeTable: RouteTable { RouteTable(viewers: routeViewers, revision: routeRevision) }

    /// Nodes whose routes others may use than before.
    public func changedRouters(since table: RouteTable) -> [Int64] {
        guard table.revision != routeRevision else { return [] }
        return Set(table.viewers.keys).union(routeViewers.keys).filter { table.viewers[$0] != routeViewers[$0] }
    }

    func settledOwnSights() -> BitSet {
        guard hasOwnRules else { return BitSet() }
        let untagged = classes.indices.filter { !classes[$0].key.isTagged }
        let reaching = untagged.filter { classes[$0].reachesOwn }
        return BitSet(
            untagged.filter { number in
                let group = classes[number]
                return (group.reachesOwn ? untagged : reaching).contains { !group.peers.contains($0) }
            }
        )
    }
}
