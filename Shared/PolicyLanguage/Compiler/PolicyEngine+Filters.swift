import IPAddresses

extension PolicyEngine {
    /// The packet filter of a node, reduced to what concerns it.
    public func packetFilter(of id: Int64) -> [PacketFilterRule] {
        guard isSettled else { return settled.packetFilter(of: id) }
        guard let entry = entries[id] else { return [] }
        var builder = FilterBuilder(filterOrder)
        for number in classes[entry.classNumber].filterRules {
            add(rules[number], number: number, for: entry, to: &builder)
        }
        return builder.rules
    }

    private func add(_ rule: CompiledRule, number: Int, for entry: NodeEntry, to builder: inout FilterBuilder) {
        if rule.isVia {
            guard let sources = sourceLists[rule.sourceList], !sources.isEmpty else { return }
            let targets = viaTargets(of: rule, for: entry)
            return builder.addServices(of: rule.grant, from: sources, list: rule.sourceList, to: targets, rule: number)
        }
        if let sources = sourceLists[rule.sourceList], !rule.destinations.isEmpty {
            let targets = rule.destinations.flatMap { self.targets($0, of: rule, for: entry) }
            builder.addServices(of: rule.grant, from: sources, list: rule.sourceList, to: targets, rule: number)
            addCapabilities(of: rule, number: number, from: sources, for: entry, to: &builder)
        }
        if rule.hasOwn { addOwn(rule, number: number, for: entry, to: &builder) }
    }

    /// What a destination becomes in the filter of one node.
    private func targets(_ number: Int, of rule: CompiledRule, for entry: NodeEntry) -> [String] {
        if number == aliases[.wildcard] { return ["*"] }
        guard let set = aliases.staticSet(number) else {
            guard classes[entry.classNumber].aliases.contains(number) else { return [] }
            return entry.node.addresses.map(\.description)
        }
        let isInternet = aliases.aliases[number] == .autogroup(.internet)
        var result: [String] = []
        for range in set.ranges {
            for part in isInternet ? [] : range.prefixes where concerns(AddressRange(part), entry) {
                result.append(part.short)
            }
            if isInternet, concerns(range, entry) { result.append(range.spelledOut) }
        }
        return result
    }

    /// Whether addresses belong to the node, or to a network behind it.
    private func concerns(_ range: AddressRange, _ entry: NodeEntry) -> Bool {
        if entry.ranges.contains(where: range.contains) || entry.subnetRanges.contains(where: range.overlaps) {
            return true
        }
        return !entry.exits.isEmpty && AddressSet.internet.contains(range)
    }

    /// The destinations that a node with the right tag routes, as the policy writes them.
    private func viaTargets(of rule: CompiledRule, for entry: NodeEntry) -> [String] {
        guard entry.node.tags.contains(where: rule.viaTags.contains) else { return [] }
        var result: [String] = []
        for number in rule.destinations where number != aliases[.wildcard] {
            guard let set = aliases.staticSet(number) else { continue }
            if aliases.aliases[number] == .autogroup(.internet) {
                if !entry.exits.isEmpty { result += set.ranges.map(\.spelledOut) }
                continue
            }
            for part in set.ranges.flatMap(\.prefixes)
            where entry.subnetRanges.contains(where: AddressRange(part).overlaps) {
                result.append(part.short)
            }
        }
        return result
    }

    /// Rules about the nodes of one user: who comes is a node of that user, and so is where they go.
    private func addOwn(
        _ rule: CompiledRule,
        number: Int,
        for entry: NodeEntry,
        to builder: inout FilterBuilder
    ) {
        guard !entry.node.isTagged, let user = entry.node.user else { return }
        let siblings = (nodesOfUser[user] ?? []).compactMap { entries[$0] }
        let coming = siblings.filter { classes[$0.classNumber].directRules.contains(number) }
        guard !coming.isEmpty else { return }
        var sources = SourceList()
        sources.addresses = AddressSet(coming.flatMap(\.ranges))
        builder.addServices(
            of: rule.grant,
            from: sources,
            list: nil,
            to: entry.node.addresses.map(\.description),
            rule: number
        )
        guard !rule.grant.app.isEmpty else { return }
        let own = entry.node.addresses.map { IPPrefix(single: $0) }
        builder.addCapabilities(of: rule.grant, from: sources, to: [own], rule: number)
        let comes = coming.contains { $0.node.id == entry.node.id }
        var back = SourceList()
        back.addresses = AddressSet(siblings.flatMap(\.ranges))
        builder.addCompanions(of: rule.grant, from: back, to: comes ? own : [], rule: number)
    }

    private func addCapabilities(
        of rule: CompiledRule,
        number: Int,
        from sources: SourceList,
        for entry: NodeEntry,
        to builder: inout FilterBuilder
    ) {
        guard !rule.grant.app.isEmpty else { return }
        let targets = rule.destinations.map { capabilityTargets([$0], for: entry) }
        builder.addCapabilities(of: rule.grant, from: sources, to: targets, rule: number)
        let isComing = rule.grant.sourcePosture.isEmpty || classes[entry.classNumber].directRules.contains(number)
        guard rule.hasCompanions, isComing else { return }
        var back = SourceList()
        back.isTailnet = rule.hasWildcardDestination
        back.routes = back.isTailnet ? allRoutes : []
        back.addresses = resolve(rule.grant.destinations)
        builder.addCompanions(
            of: rule.grant,
            from: back,
            to: capabilityTargets(Array(rule.sources), for: entry),
            rule: number
        )
    }

    /// The node's own addresses, and networks behind it, among what names mean.
    private func capabilityTargets(_ names: [Int], for entry: NodeEntry) -> [IPPrefix] {
        var result: Set<IPPrefix> = []
        let own = entry.node.addresses.map { IPPrefix(single: $0) }
        for number in names {
            guard let set = aliases.staticSet(number) else {
                if classes[entry.classNumber].aliases.contains(number) { result.formUnion(own) }
                continue
            }
            result.formUnion(own.filter { set.contains(AddressRange($0)) })
            guard !entry.subnets.isEmpty else { continue }
            for part in set.ranges.flatMap(\.prefixes)
            where entry.subnetRanges.contains(where: AddressRange(part).overlaps) {
                result.insert(part)
            }
        }
        return result.sorted()
    }
}
