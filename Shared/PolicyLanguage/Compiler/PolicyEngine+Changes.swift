import IPAddresses

/// Which nodes a change concerns, by class: no list of nodes is made before somebody asks.
public struct PolicyChange: Sendable {
    var peerClasses = BitSet()
    var filterClasses = BitSet()
    var ownNodes: Set<Int64> = []
    /// Users whose nodes see each other by a rule about a user's own nodes.
    var ownUsers: Set<Int64> = []
    /// Owners of changed nodes.
    var users: Set<Int64> = []
    /// Classes whose filters hold a way back to who changed.
    var companionClasses = BitSet()
    /// SSH rules that let changed nodes in, or are recorded by them.
    var sshRules = BitSet()
    /// Nodes that joined, left or are different.
    public var changedNodes: Set<Int64> { ownNodes }
    /// Whether routes changed, so that every node may see other routes of its peers.
    public internal(set) var hasRouteChanges = false
    /// Whether SSH rules of other nodes may have changed.
    public internal(set) var hasSSHChanges = false

    public init() {}

    public mutating func formUnion(_ other: PolicyChange) {
        peerClasses.formUnion(other.peerClasses)
        filterClasses.formUnion(other.filterClasses)
        ownNodes.formUnion(other.ownNodes)
        ownUsers.formUnion(other.ownUsers)
        users.formUnion(other.users)
        companionClasses.formUnion(other.companionClasses)
        sshRules.formUnion(other.sshRules)
        hasRouteChanges = hasRouteChanges || other.hasRouteChanges
        hasSSHChanges = hasSSHChanges || other.hasSSHChanges
    }
}

extension PolicyEngine {
    /// Adds a node, or replaces the one with its id.
    ///
    /// - Cost: for a node of a class that exists, its own names; afterwards ``settle()`` renews the lists of addresses it
    ///   stands in.
    public mutating func upsert(_ node: PolicyNode) -> PolicyChange {
        if let entry = entries[node.id], entry.node == node { return PolicyChange() }
        var change = remove(node.id)
        let routes = node.announcedRoutes.filter { route in
            node.approvedRoutes.contains(route) || approvesAutomatically(route, for: node)
        }
        let number = classNumber(of: node, isRouter: !routes.isEmpty, routes: routes)
        let entry = NodeEntry(node, routes: routes, classNumber: number)
        entries[node.id] = entry
        classes[number].members.insertSorted(node.id)
        if !node.isTagged, let user = node.user { nodesOfUser[user, default: []].insertSorted(node.id) }
        if entry.isRouter { routers.insertSorted(node.id) }
        for address in node.addresses { owners[address, default: []].insertSorted(node.id) }
        note(entry, isThere: true, in: &change)
        return change
    }

    /// Adds a user, or replaces the one with this id; their nodes may belong to other classes then.
    public mutating func upsert(_ user: PolicyUser) -> PolicyChange {
        var change = PolicyChange()
        let user = aliases.known(user)
        guard users.updateValue(user, forKey: user.id) != user else { return change }
        renewNodes(of: user.id, &change)
        return change
    }

    /// Forgets a user, whose nodes belong to no person then.
    public mutating func removeUser(_ id: Int64) -> PolicyChange {
        var change = PolicyChange()
        if users.removeValue(forKey: id) != nil { renewNodes(of: id, &change) }
        return change
    }

    private mutating func renewNodes(of user: Int64, _ change: inout PolicyChange) {
        for id in nodesOfUser[user] ?? [] {
            guard let node = entries[id]?.node else { continue }
            change.formUnion(remove(id))
            change.formUnion(upsert(node))
        }
    }

    /// Removes a node; nothing happens where there is none.
    public mutating func remove(_ id: Int64) -> PolicyChange {
        var change = PolicyChange()
        guard let entry = entries[id] else { return change }
        note(entry, isThere: false, in: &change)
        entries[id] = nil
        classes[entry.classNumber].members.removeSorted(id)
        if !entry.node.isTagged, let user = entry.node.user { nodesOfUser[user]?.removeSorted(id) }
        if entry.isRouter { routers.removeSorted(id) }
        for address in entry.node.addresses {
            owners[address]?.removeSorted(id)
            if owners[address]?.isEmpty == true { owners[address] = nil }
        }
        return change
    }

    /// The nodes whose peers, or what they see of them, changed.
    public func nodesWithChangedPeers(_ change: PolicyChange) -> [Int64] {
        let classes = change.hasRouteChanges ? BitSet(below: self.classes.count) : change.peerClasses
        return nodes(in: classes, and: change)
    }

    /// The nodes whose packet filter allows other things now.
    ///
    /// A change can also move equal rules of other filters to other places, which means nothing and is not named.
    public func nodesWithChangedFilters(_ change: PolicyChange) -> [Int64] {
        nodes(in: change.filterClasses, and: change)
    }

    private func nodes(in numbers: BitSet, and change: PolicyChange) -> [Int64] {
        var result = Set(numbers.flatMap { $0 < classes.count ? classes[$0].members : [] })
        result.formUnion(change.ownNodes.filter { entries[$0] != nil })
        for user in change.ownUsers { result.formUnion(nodesOfUser[user] ?? []) }
        return result.sorted()
    }

    /// Marks what stands on a node: its peers, the filters it is a source of, the lists of addresses it is in.
    private mutating func note(_ entry: NodeEntry, isThere: Bool, in change: inout PolicyChange) {
        let group = classes[entry.classNumber]
        isOrderSettled = false
        change.peerClasses.formUnion(group.peers)
        change.ownNodes.insert(entry.node.id)
        if !entry.node.isTagged, let user = entry.node.user {
            change.users.insert(user)
            if hasOwnRules { change.ownUsers.insert(user) }
        }
        for (number, names) in sshNames.enumerated() where group.aliases.intersects(names.coming) {
            change.sshRules.insert(number)
        }
        change.hasSSHChanges = change.hasSSHChanges || !document.ssh.isEmpty
        for rule in group.sourceRules { change.filterClasses.formUnion(destinationClasses[rule]) }
        for rule in group.destinationRules where rules[rule].hasCompanions {
            change.companionClasses.formUnion(sourceClasses[rule])
        }
        // What stands in a list as an address or as `*` is there with or without the node.
        for rule in group.directRules
        where !rules[rule].grant.sourcePosture.isEmpty || group.aliases.intersects(rules[rule].sourceNames) {
            renewSources(by: rule, entry, isThere: isThere)
        }
        if entry.isRouter {
            areRoutesSettled = false
            change.hasRouteChanges = true
            for (number, rule) in rules.enumerated() where rule.hasWildcardSource {
                sourceLists[rule.sourceList] = nil
                change.filterClasses.formUnion(destinationClasses[number])
            }
            for (number, rule) in rules.enumerated() where rule.hasCompanions && rule.hasWildcardDestination {
                change.companionClasses.formUnion(sourceClasses[number])
            }
        }
        change.filterClasses.formUnion(change.companionClasses)
    }
}

extension PolicyEngine {
    /// Puts the addresses of a node into the list of sources of a rule, or takes them out; a list that is not there is made later.
    private mutating func renewSources(by rule: Int, _ entry: NodeEntry, isThere: Bool) {
        let number = rules[rule].sourceList
        guard sourceLists[number] != nil else { return }
        for (address, range) in zip(entry.node.addresses, entry.ranges) {
            if isThere {
                sourceLists[number]?.addresses.insert(range)
            } else if owners[address] != [entry.node.id] {
                // Whether the other one is a source as well is found out with the whole list.
                sourceLists[number] = nil
                return
            } else if !rules[rule].grant.sourcePosture.isEmpty || !rules[rule].sourceAddresses.contains(range) {
                sourceLists[number]?.addresses.remove(range)
            }
        }
    }
}

extension [Int64] {
    fileprivate func position(of id: Int64) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insertSorted(_ id: Int64) {
        let index = position(of: id)
        if index == count || self[index] != id { insert(id, at: index) }
    }

    mutating func removeSorted(_ id: Int64) {
        let index = position(of: id)
        if index < count, self[index] == id { remove(at: index) }
    }
}
