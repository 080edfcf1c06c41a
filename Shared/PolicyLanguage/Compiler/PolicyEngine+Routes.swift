import IPAddresses

/// A route of a router and the classes of nodes that may use it there.
struct RouteViewers: Hashable, Sendable {
    var route: IPPrefix
    var classes: BitSet
    /// Whether the router is the first of those that have the route.
    var isPrimary: Bool
}

extension PolicyEngine {
    /// Finds for each route of each router who may use it.
    func settledRoutes() -> [Int64: [RouteViewers]] {
        let all = routers.compactMap { entries[$0] }
        var advertisers: [IPPrefix: [NodeEntry]] = [:]
        for entry in all {
            for route in entry.subnets + entry.exits { advertisers[route, default: []].append(entry) }
        }
        for (route, entries) in advertisers where entries.count > 1 {
            advertisers[route] = entries.sorted { $0.rank(for: route) < $1.rank(for: route) }
        }
        var result: [Int64: [RouteViewers]] = [:]
        var subnets: [IPPrefix: SubnetUse] = [:]
        for entry in all {
            var list: [RouteViewers] = []
            for route in self.routes(of: entry.node.id) {
                let others = advertisers[route] ?? []
                if route.isExitRoute {
                    list.append(RouteViewers(route: route, classes: exitViewers(entry, others), isPrimary: false))
                } else {
                    let use = subnets[route] ?? subnetUse(route, others)
                    subnets[route] = use
                    let isPrimary = others.first?.node.id == entry.node.id
                    let viewers = use.viewers(of: entry, isPrimary: isPrimary)
                    list.append(RouteViewers(route: route, classes: viewers, isPrimary: isPrimary))
                }
            }
            result[entry.node.id] = list
        }
        return result
    }

    /// What the rules say about a subnet route, whoever has it.
    private struct SubnetUse {
        /// May use it at the first router.
        var plain = BitSet()
        /// Are sent to certain routers.
        var steered = BitSet()
        /// Who is sent to which router.
        var chosen: [Int64: BitSet] = [:]
        /// Routers of the same route: they see it at the first of them whatever the rules say.
        var sharing = BitSet()

        func viewers(of router: NodeEntry, isPrimary: Bool) -> BitSet {
            var result = chosen[router.node.id] ?? BitSet()
            result.formIntersection(steered)
            guard isPrimary else { return result }
            var unsteered = plain
            unsteered.subtract(steered)
            result.formUnion(unsteered)
            // Not itself: then it sees what nodes with its names see that route nothing.
            var others = sharing
            others.subtract(BitSet([router.classNumber]))
            result.formUnion(others)
            return result
        }
    }

    private func subnetUse(_ route: IPPrefix, _ advertisers: [NodeEntry]) -> SubnetUse {
        let range = AddressRange(route)
        var use = SubnetUse()
        var covered = BitSet()
        for (number, rule) in rules.enumerated() {
            if rule.hasSource(range), rule.grant.sourcePosture.isEmpty {
                use.plain.formUnion(destinationClasses[number])
            }
            if rule.isVia {
                guard rule.destinationAddresses.overlaps(range) else { continue }
                use.steered.formUnion(sourceClasses[number])
                for router in chosenRouters(rule, advertisers) {
                    use.chosen[router, default: BitSet()].formUnion(sourceClasses[number])
                }
            } else {
                if rule.hasDestination(range) { use.plain.formUnion(sourceClasses[number]) }
                if rule.hasWildcardDestination || rule.destinationAddresses.overlaps(range) {
                    covered.formUnion(sourceClasses[number])
                }
            }
        }
        use.steered.subtract(covered)
        use.sharing = BitSet(advertisers.map(\.classNumber))
        return use
    }

    /// For each tag of a `via` the first router that has it.
    private func chosenRouters(_ rule: CompiledRule, _ advertisers: [NodeEntry]) -> [Int64] {
        rule.grant.via.compactMap { tag in
            advertisers.first { $0.node.tags.contains(tag) }?.node.id
        }
    }

    private func exitViewers(_ entry: NodeEntry, _ advertisers: [NodeEntry]) -> BitSet {
        var plain = BitSet()
        var steered = BitSet()
        var chosen = BitSet()
        for (number, rule) in rules.enumerated() {
            if rule.isVia {
                guard rule.grant.destinations.contains(.autogroup(.internet)) else { continue }
                steered.formUnion(sourceClasses[number])
                if entry.node.tags.contains(where: rule.viaTags.contains) { chosen.formUnion(sourceClasses[number]) }
            } else if rule.coversInternet {
                plain.formUnion(sourceClasses[number])
            }
        }
        steered.subtract(plain)
        chosen.formIntersection(steered)
        plain.formUnion(chosen)
        return plain
    }
}

extension NodeEntry {
    /// Of several routers of one route the one with the lowest rank is first.
    ///
    /// What the policy alone approves comes last until somebody has written down that it is approved.
    fileprivate func rank(for route: IPPrefix) -> (Int, Int64, Int64) {
        let isSettled = node.approvedRoutes.contains(route)
        let precedence = node.routePrecedences[route] ?? node.precedence
        return (node.isAvailable ? 0 : 1, isSettled ? precedence : .max, node.id)
    }
}
