extension PolicyEngine {
    /// What changes when another policy comes in the place of this one; both compiled for the same network.
    ///
    /// - Cost: pairs of classes, not of nodes; SSH logins by destination.
    public func difference(to other: PolicyEngine) -> PolicyDifference {
        let (old, new) = (settled, other.settled)
        return PolicyDifference(
            access: old.accessChanges(to: new),
            ssh: old.sshChanges(to: new),
            attributes: old.attributeChanges(to: new)
        )
    }

    private func accessChanges(to other: PolicyEngine) -> [PolicyDifference.Change] {
        let parties = nodeParties(with: other) + addressParties(with: other)
        var before = ServiceUnions(rules)
        var after = ServiceUnions(other.rules)
        var changes = ChangeList()
        for (from, source) in parties.enumerated() {
            if source.old.sourceRules.isEmpty, source.new.sourceRules.isEmpty { continue }
            for (to, target) in parties.enumerated() where from != to || source.nodes.count > 1 {
                let old = source.old.sourceRules.intersection(target.old.destinationRules)
                let new = source.new.sourceRules.intersection(target.new.destinationRules)
                let hasOwn = !source.old.ownRules.isEmpty || !source.new.ownRules.isEmpty
                let shared = hasOwn ? source.users.intersection(target.users) : []
                let isOwnAlone = !shared.isEmpty && source.users.union(target.users).count == 1
                if !isOwnAlone {
                    let (gained, lost) = ServiceUnions.change(before[old], after[new])
                    changes.add(from: from, to: to, shared.isEmpty ? .all : .otherUsers, gained: gained, lost: lost)
                }
                if !shared.isEmpty {
                    let (gained, lost) = ServiceUnions.change(
                        before[old.union(source.old.ownRules)],
                        after[new.union(source.new.ownRules)]
                    )
                    changes.add(from: from, to: to, .sameUser, gained: gained, lost: lost)
                }
            }
        }
        return changes.changes { parties[$0].names }
    }

    private func attributeChanges(to other: PolicyEngine) -> [PolicyDifference.Change] {
        let parties = nodeParties(with: other)
        var changes = ChangeList()
        for (number, party) in parties.enumerated() {
            // Whether a user is an administrator is the same in both, so one node speaks for its class.
            guard let id = party.nodes.first, let old = entries[id], let new = other.entries[id] else { continue }
            let before = Set(capabilities(of: old, updatesAutomatically: false))
            let after = Set(other.capabilities(of: new, updatesAutomatically: false))
            changes.add(
                from: number,
                to: number,
                .all,
                gained: after.subtracting(before).map(\.name).sorted(),
                lost: before.subtracting(after).map(\.name).sorted()
            )
        }
        return changes.changes { parties[$0].names }.map { change in
            var change = change
            change.sources = []
            return change
        }
    }
}

/// The services of sets of rules, each set worked out once.
private struct ServiceUnions {
    private let services: [ServiceSet]
    private var known: [BitSet: ServiceSet] = [:]

    init(_ rules: [CompiledRule]) {
        services = rules.map { ServiceSet($0.grant.ip) }
    }

    subscript(rules: BitSet) -> ServiceSet {
        mutating get {
            if let found = known[rules] { return found }
            var union = ServiceSet()
            for rule in rules { union.formUnion(services[rule]) }
            known[rules] = union
            return union
        }
    }

    static func change(_ old: ServiceSet, _ new: ServiceSet) -> (gained: [String], lost: [String]) {
        if old == new { return ([], []) }
        return (new.subtracting(old).words, old.subtracting(new).words)
    }
}

extension BitSet {
    fileprivate func intersection(_ other: BitSet) -> BitSet {
        var copy = self
        copy.formIntersection(other)
        return copy
    }

    fileprivate func union(_ other: BitSet) -> BitSet {
        var copy = self
        copy.formUnion(other)
        return copy
    }
}
