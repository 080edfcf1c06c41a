import IPAddresses

extension PolicyEngine {
    /// Renews what changes left open: lists of addresses, and who may use which route.
    ///
    /// Reading works without it, at the cost of doing this for every answer.
    public mutating func settle() {
        if !areRoutesSettled {
            allRoutes = Set(routers.flatMap { entries[$0]?.subnets ?? [] }).sorted()
            for (number, rule) in listRules.enumerated() where rules[rule].hasWildcardSource {
                sourceLists[number] = nil
            }
            routeViewers = settledRoutes()
            routeSets = Array(Set(routeViewers.values.joined().map(\.classes)))
            ownSights = settledOwnSights()
            routeRevision += 1
            areRoutesSettled = true
        }
        for number in sourceLists.indices where sourceLists[number] == nil {
            sourceLists[number] = makeSourceList(rules[listRules[number]])
        }
        if !isOrderSettled {
            filterOrder = makeFilterOrder()
            isOrderSettled = true
        }
    }

    /// Whether nothing is left open.
    public var isSettled: Bool { areRoutesSettled && isOrderSettled && !sourceLists.contains(nil) }

    /// The same engine with nothing left open.
    var settled: PolicyEngine {
        if isSettled { return self }
        var copy = self
        copy.settle()
        return copy
    }

    func makeSourceList(_ rule: CompiledRule) -> SourceList {
        var list = SourceList()
        if !rule.grant.sourcePosture.isEmpty {
            list.addresses = AddressSet(addresses(ofDirectSources: rule))
            return list
        }
        list.isEverything = rule.grant.sources.contains(.autogroup(.dangerAll))
        list.isTailnet = rule.hasWildcardSource
        list.routes = list.isTailnet ? allRoutes : []
        list.addresses = resolve(rule.grant.sources)
        return list
    }

    /// The addresses of nodes whose class is a direct source of a rule.
    private func addresses(ofDirectSources rule: CompiledRule) -> [AddressRange] {
        let groups = classes.filter { group in
            group.directRules.contains { rules[$0].sourceList == rule.sourceList }
        }
        return groups.flatMap { $0.members.flatMap { entries[$0]?.ranges ?? [] } }
    }

    /// The addresses that names mean, `*` not counted.
    func resolve(_ list: [Alias]) -> AddressSet {
        var names = BitSet()
        var ranges: [AddressRange] = []
        for alias in list where alias != .wildcard {
            guard let number = aliases[alias] else { continue }
            if let set = aliases.staticSet(number) { ranges += set.ranges } else { names.insert(number) }
        }
        for group in classes where group.aliases.intersects(names) {
            for id in group.members { ranges += entries[id]?.ranges ?? [] }
        }
        return AddressSet(ranges)
    }
}
