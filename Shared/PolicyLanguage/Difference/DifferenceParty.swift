import IPAddresses

/// Sources and destinations that two policies treat alike.
struct DifferenceParty {
    var names: [String]
    /// How many different nodes; 0 for addresses.
    var nodes: [Int64] = []
    var users: Set<Int64> = []
    var old: Side
    var new: Side

    /// The rules of one policy that a party stands in.
    struct Side: Hashable {
        var sourceRules = BitSet()
        var destinationRules = BitSet()
        /// Rules through which its nodes reach the other nodes of their users.
        var ownRules = BitSet()
    }
}

extension PolicyEngine {
    /// Classes of nodes in both policies at once.
    func nodeParties(with other: PolicyEngine) -> [DifferenceParty] {
        struct Pair: Hashable {
            var old: Int
            var new: Int
        }
        var members: [Pair: [Int64]] = [:]
        for id in nodeIDs {
            guard let old = entries[id], let new = other.entries[id] else { continue }
            members[Pair(old: old.classNumber, new: new.classNumber), default: []].append(id)
        }
        let ordered = members.sorted { $0.value[0] < $1.value[0] }
        return ordered.map { pair, ids in
            let nodes = ids.compactMap { entries[$0]?.node }
            return DifferenceParty(
                names: nodes.map(\.name),
                nodes: ids,
                users: Set(nodes.compactMap { $0.isTagged ? nil : $0.user }),
                old: side(ofClass: pair.old),
                new: other.side(ofClass: pair.new)
            )
        }
    }

    private func side(ofClass number: Int) -> DifferenceParty.Side {
        let group = classes[number]
        var side = DifferenceParty.Side(sourceRules: group.directRules)
        for (index, rule) in rules.enumerated() where !rule.grant.ip.isEmpty {
            if !rule.isVia, rule.hasWildcardDestination || group.aliases.intersects(rule.destinationBits) {
                side.destinationRules.insert(index)
            }
            if rule.hasOwn, !rule.isVia, !group.key.isTagged, group.directRules.contains(index) {
                side.ownRules.insert(index)
            }
        }
        return side
    }

    /// Addresses behind routers that both policies treat alike, and the internet.
    func addressParties(with other: PolicyEngine) -> [DifferenceParty] {
        let ranges = AddressSet(Self.routeRanges(self) + Self.routeRanges(other))
        var starts: Set<Boundary> = []
        for engine in [self, other] {
            for rule in engine.rules {
                for range in rule.sourceAddresses.ranges + rule.destinationAddresses.ranges {
                    starts.formUnion(Boundary.around(range))
                }
            }
            for range in Self.routeRanges(engine) { starts.formUnion(Boundary.around(range)) }
        }
        let sorted = starts.sorted()
        var pieces: [Signature: [AddressRange]] = [:]
        for range in ranges.ranges {
            for piece in Boundary.split(range, at: sorted) {
                let signature = Signature(old: side(of: piece), new: other.side(of: piece))
                pieces[signature, default: []].append(piece)
            }
        }
        var parties = pieces.map { signature, ranges in
            DifferenceParty(
                names: AddressSet(ranges).ranges.map(\.description),
                old: signature.old,
                new: signature.new
            )
        }
        parties.sort { $0.names.joined() < $1.names.joined() }
        let internet = Signature(old: internetSide, new: other.internetSide)
        return parties + [DifferenceParty(names: ["autogroup:internet"], old: internet.old, new: internet.new)]
    }

    private struct Signature: Hashable {
        var old: DifferenceParty.Side
        var new: DifferenceParty.Side
    }

    private static func routeRanges(_ engine: PolicyEngine) -> [AddressRange] {
        engine.routers.flatMap { engine.entries[$0]?.subnetRanges ?? [] }
    }

    private func side(of piece: AddressRange) -> DifferenceParty.Side {
        var side = DifferenceParty.Side()
        let routing = routers.compactMap { entries[$0] }.filter { $0.subnetRanges.contains { $0.contains(piece) } }
        guard !routing.isEmpty else { return side }
        for (index, rule) in rules.enumerated() where !rule.grant.ip.isEmpty {
            if rule.grant.sourcePosture.isEmpty, rule.hasWildcardSource || rule.sourceAddresses.contains(piece) {
                side.sourceRules.insert(index)
            }
            guard rule.hasWildcardDestination || rule.destinationAddresses.contains(piece) else { continue }
            if !rule.isVia || routing.contains(where: { $0.node.tags.contains(where: rule.viaTags.contains) }) {
                side.destinationRules.insert(index)
            }
        }
        return side
    }

    private var internetSide: DifferenceParty.Side {
        var side = DifferenceParty.Side()
        let exits = routers.compactMap { entries[$0] }.filter { !$0.exits.isEmpty }
        for (index, rule) in rules.enumerated() where !rule.grant.ip.isEmpty {
            guard rule.coversInternet else { continue }
            let open = exits.contains { !rule.isVia || $0.node.tags.contains(where: rule.viaTags.contains) }
            if open { side.destinationRules.insert(index) }
        }
        return side
    }
}

/// Where a set of addresses begins or ends.
private struct Boundary: Hashable, Comparable {
    var isIPv6: Bool
    var number: UInt128

    static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.isIPv6 == rhs.isIPv6 ? lhs.number < rhs.number : rhs.isIPv6
    }

    /// The first address of a range, and the first one after it.
    static func around(_ range: AddressRange) -> [Boundary] {
        let first = Boundary(isIPv6: range.isIPv6, number: range.first)
        return range.last == .max ? [first] : [first, Boundary(isIPv6: range.isIPv6, number: range.last + 1)]
    }

    /// Cuts a range into pieces that no boundary goes through.
    static func split(_ range: AddressRange, at boundaries: [Boundary]) -> [AddressRange] {
        var pieces: [AddressRange] = []
        var from = range.first
        for cut in boundaries where cut.isIPv6 == range.isIPv6 && cut.number > from && cut.number <= range.last {
            pieces.append(AddressRange(isIPv6: range.isIPv6, first: from, last: cut.number - 1))
            from = cut.number
        }
        pieces.append(AddressRange(isIPv6: range.isIPv6, first: from, last: range.last))
        return pieces
    }
}
