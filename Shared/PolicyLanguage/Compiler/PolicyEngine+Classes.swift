import IPAddresses

extension PolicyEngine {
    /// The class a node belongs to; made where it is the first of its kind.
    mutating func classNumber(of node: PolicyNode, isRouter: Bool, routes: [IPPrefix]) -> Int {
        var names = node.isTagged ? aliases.names(ofTags: node.tags) : userNames(node.user)
        names += aliases.names(of: node.addresses)
        let key = NodeClass.Key(
            aliases: Set(names).sorted(),
            isTagged: node.isTagged,
            postures: fulfilledPostures(node),
            router: isRouter ? node.id : nil
        )
        if let number = classNumbers[key], !isRouter { return number }
        let number = classNumbers.updateValue(classNumbers[key] ?? classes.count, forKey: key) ?? classes.count
        if number < classes.count { retire(number) } else { classes.append(NodeClass(key)) }
        var group = NodeClass(key)
        connect(&group, number: number, entry: NodeEntry(node, routes: routes, classNumber: number))
        classes[number] = group
        // Who may use which route is known by class, so a new class is in none of those sets yet.
        areRoutesSettled = false
        for peer in group.peers where peer != number { classes[peer].peers.insert(number) }
        return number
    }

    /// Takes the class of a router, whose routes may be others now, out of every rule.
    private mutating func retire(_ number: Int) {
        let own = BitSet([number])
        for peer in classes[number].peers where peer != number { classes[peer].peers.subtract(own) }
        for rule in rules.indices {
            sourceClasses[rule].subtract(own)
            destinationClasses[rule].subtract(own)
        }
        classes[number].peers = BitSet()
    }

    private func userNames(_ id: Int64?) -> [Int] {
        guard let id, let user = users[id] else { return [aliases[.autogroup(.member)]].compactMap(\.self) }
        return aliases.names(of: user, domains: domains)
    }

    private func fulfilledPostures(_ node: PolicyNode) -> [String] {
        guard !document.postures.isEmpty else { return [] }
        let names = document.postures.filter { _, conditions in
            conditions.allSatisfy { $0.holds(for: node.attributes) }
        }
        return names.keys.sorted()
    }

    /// Finds the rules of a new class, and through them its peers.
    private mutating func connect(_ group: inout NodeClass, number: Int, entry: NodeEntry) {
        for (index, rule) in rules.enumerated() {
            let passes =
                rule.grant.sourcePosture.isEmpty
                || rule.grant.sourcePosture.contains(where: group.key.postures.contains)
            let isDirect = passes && group.aliases.intersects(rule.sources)
            let isRouted = rule.grant.sourcePosture.isEmpty && entry.subnetRanges.contains(where: rule.hasSource)
            if isDirect { group.directRules.insert(index) }
            if isDirect || isRouted {
                group.sourceRules.append(index)
                sourceClasses[index].insert(number)
            }
            let isDestination = isDestination(entry, of: rule, aliases: group.aliases)
            if isDestination {
                group.destinationRules.append(index)
                destinationClasses[index].insert(number)
            }
            let takesOwn = rule.hasOwn && !rule.isVia && !group.key.isTagged
            if takesOwn, isDirect { group.reachesOwn = true }
            if isDestination || takesOwn || entry.isRouter || (rule.hasCompanions && (isDirect || isRouted)) {
                group.filterRules.append(index)
            }
        }
        for rule in group.sourceRules { group.peers.formUnion(destinationClasses[rule]) }
        for rule in group.destinationRules { group.peers.formUnion(sourceClasses[rule]) }
    }

    private func isDestination(_ entry: NodeEntry, of rule: CompiledRule, aliases: BitSet) -> Bool {
        if rule.isVia {
            guard entry.node.tags.contains(where: rule.viaTags.contains) else { return false }
            if !entry.exits.isEmpty, rule.grant.destinations.contains(.autogroup(.internet)) { return true }
            return entry.subnetRanges.contains(where: rule.destinationAddresses.overlaps)
        }
        if rule.hasWildcardDestination, !rule.grant.ip.isEmpty { return true }
        if aliases.intersects(rule.destinationBits) { return true }
        if rule.coversInternet, !entry.exits.isEmpty { return true }
        return entry.subnetRanges.contains { route in
            rule.destinationAddresses.overlaps(route)
                || (rule.hasWildcardDestination && AddressSet.tailnet.overlaps(route))
        }
    }
}
