import IPAddresses

/// Gathers the rules of one packet filter; rules with equal sources and protocol become one.
///
/// A rule stands where its sources and protocol stand first in the whole policy, also where that first rule says nothing
/// about this node: the service merges before it reduces.
struct FilterBuilder {
    private var parts: [(place: FilterPlace, rule: PacketFilterRule)] = []
    private var indices: [FilterKey: Int] = [:]
    private let order: FilterOrder
    /// Lists of sources that only this node has.
    private var ownLists: [SourceListKey: Int] = [:]

    init(_ order: FilterOrder) {
        self.order = order
    }

    var rules: [PacketFilterRule] {
        parts.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }.map(\.element.rule)
    }

    /// - Parameters:
    ///   - list: the number of the list of sources where it has one, which spares comparing the list.
    ///   - rule: where the grant stands among all.
    mutating func addServices(of grant: Grant, from sources: SourceList, list: Int?, to targets: [String], rule: Int) {
        guard !sources.isEmpty, !targets.isEmpty, !grant.ip.isEmpty else { return }
        let number = self.number(of: sources, list: list)
        for (index, service) in grant.ip.enumerated() {
            var destinations: [PacketFilterRule.Destination] = []
            destinations.reserveCapacity(targets.count * service.ports.count)
            for target in targets {
                for ports in service.ports { destinations.append(.init(ip: target, ports: ports)) }
            }
            let key = FilterKey(list: number, proto: service.protocol?.number ?? 0)
            if let index = indices[key] {
                parts[index].rule.destinations += destinations
                if parts[index].rule.origins.last != grant.origin { parts[index].rule.origins.append(grant.origin) }
                continue
            }
            indices[key] = parts.count
            let own = FilterPlace(rule: rule, part: index)
            let made = PacketFilterRule(
                sources: sources,
                destinations: destinations,
                protocols: service.protocol.map { [$0.number] } ?? [],
                origins: [grant.origin]
            )
            parts.append((min(order.places[key] ?? own, own), made))
        }
    }

    private mutating func number(of sources: SourceList, list: Int?) -> Int {
        if let list { return order.lists[list] }
        let key = SourceListKey(list: sources)
        if let shared = order.numbers[key] { return shared }
        let number = ownLists[key] ?? order.lists.count + ownLists.count
        ownLists[key] = number
        return number
    }

    /// One rule with all capabilities; a part for each destination that has addresses here.
    mutating func addCapabilities(of grant: Grant, from sources: SourceList, to targets: [[IPPrefix]], rule: Int) {
        let capabilities = grant.app.map { PacketFilterRule.Capability(name: $0.name, values: $0.values) }
        let grants = targets.filter { !$0.isEmpty }.map {
            PacketFilterRule.CapabilityGrant(destinations: $0, capabilities: capabilities)
        }
        guard !grants.isEmpty else { return }
        let made = PacketFilterRule(sources: sources, capabilities: grants, origins: [grant.origin])
        parts.append((FilterPlace(rule: rule, part: .max), made))
    }

    /// The way back for capabilities that have one, in the order of their names.
    mutating func addCompanions(of grant: Grant, from sources: SourceList, to targets: [IPPrefix], rule: Int) {
        guard !targets.isEmpty else { return }
        for name in grant.app.map(\.name).sorted() {
            guard let companion = CompiledRule.companions[name] else { continue }
            let part = PacketFilterRule.CapabilityGrant(
                destinations: targets,
                capabilities: [.init(name: companion, values: nil)]
            )
            let made = PacketFilterRule(sources: sources, capabilities: [part], origins: [grant.origin])
            parts.append((FilterPlace(rule: rule, part: .max), made))
        }
    }
}
