/// Sources and a protocol: what rules of a packet filter are merged by.
struct FilterKey: Hashable, Sendable {
    /// Number of the list of sources; equal lists have equal numbers.
    var list: Int
    /// 0 for the usual protocols.
    var proto: Int
}

/// A place among the rules of the whole policy.
struct FilterPlace: Hashable, Sendable, Comparable {
    var rule: Int
    /// Index of the service in the rule; capabilities come after all services.
    var part: Int

    static func < (lhs: Self, rhs: Self) -> Bool {
        (lhs.rule, lhs.part) < (rhs.rule, rhs.part)
    }
}

/// A service of a rule that a filter may hold.
struct RuleService: Sendable {
    var place: FilterPlace
    /// Number of the list of sources, before equal ones are found.
    var list: Int
    var proto: Int

    /// All of a policy, in order.
    static func all(_ rules: [CompiledRule]) -> [RuleService] {
        rules.enumerated().filter { !$0.element.isVia }.flatMap { index, rule in
            rule.grant.ip.enumerated().map { part, service in
                RuleService(
                    place: FilterPlace(rule: index, part: part),
                    list: rule.sourceList,
                    proto: service.protocol?.number ?? 0
                )
            }
        }
    }
}

/// A list of sources with a hash that looks at its ends only, since most lists differ there.
public struct SourceListKey: Hashable, Sendable {
    public let list: SourceList

    public init(list: SourceList) {
        self.list = list
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(list.isEverything)
        hasher.combine(list.isTailnet)
        hasher.combine(list.addresses.ranges.count)
        hasher.combine(list.addresses.ranges.first)
        hasher.combine(list.addresses.ranges.last)
    }
}

/// Which lists of sources are equal, and where each pair of sources and protocol stands first.
struct FilterOrder: Sendable {
    var lists: [Int] = []
    var numbers: [SourceListKey: Int] = [:]
    var places: [FilterKey: FilterPlace] = [:]
}

extension PolicyEngine {
    /// - Precondition: all lists of sources are there.
    func makeFilterOrder() -> FilterOrder {
        var order = FilterOrder()
        order.lists.reserveCapacity(sourceLists.count)
        order.numbers.reserveCapacity(sourceLists.count)
        order.places.reserveCapacity(services.count)
        for (number, list) in sourceLists.enumerated() {
            let key = SourceListKey(list: list ?? SourceList())
            let shared = order.numbers[key] ?? number
            order.numbers[key] = shared
            order.lists.append(shared)
        }
        let inhabited = inhabitedNames()
        var looked: (rule: Int, counts: Bool) = (-1, false)
        for service in services {
            if looked.rule != service.place.rule {
                looked = (service.place.rule, hasFilters(service.place.rule, inhabited))
            }
            guard looked.counts else { continue }
            let key = FilterKey(list: order.lists[service.list], proto: service.proto)
            if order.places[key] == nil { order.places[key] = service.place }
        }
        return order
    }

    /// Whether some node's filter may hold a rule.
    private func hasFilters(_ rule: Int, _ inhabited: BitSet) -> Bool {
        guard sourceLists[rules[rule].sourceList]?.isEmpty == false else { return false }
        return !rules[rule].destinationAddresses.isEmpty || rules[rule].destinationBits.intersects(inhabited)
    }

    /// The names that some node answers to, and `*`.
    private func inhabitedNames() -> BitSet {
        var names = BitSet([aliases[.wildcard]].compactMap(\.self))
        for group in classes where !group.members.isEmpty { names.formUnion(group.aliases) }
        return names
    }
}
