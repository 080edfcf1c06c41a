import IPAddresses

/// Gathers the rules of one packet filter; rules with equal sources and protocol become one.
struct FilterBuilder {
    private(set) var rules: [PacketFilterRule] = []
    private var indices: [Key: Int] = [:]
    /// Lists of sources that turned out to be equal.
    private var lists: [SourceList: Int] = [:]
    private var listNumbers: [Int: Int] = [:]

    private struct Key: Hashable {
        var list: Int
        var proto: Int
    }

    /// - Parameter list: the number of the list of sources where it has one, which spares comparing the list.
    mutating func addServices(of grant: Grant, from sources: SourceList, list: Int?, to targets: [String]) {
        guard !sources.isEmpty, !targets.isEmpty, !grant.ip.isEmpty else { return }
        let number = self.number(of: sources, list: list)
        for service in grant.ip {
            var destinations: [PacketFilterRule.Destination] = []
            for target in targets {
                for ports in service.ports { destinations.append(.init(ip: target, ports: ports)) }
            }
            let key = Key(list: number, proto: service.protocol?.number ?? 0)
            if let index = indices[key] {
                rules[index].destinations += destinations
                if rules[index].origins.last != grant.origin { rules[index].origins.append(grant.origin) }
                continue
            }
            indices[key] = rules.count
            rules.append(
                PacketFilterRule(
                    sources: sources, destinations: destinations,
                    protocols: service.protocol.map { [$0.number] } ?? [], origins: [grant.origin]
                ))
        }
    }

    private mutating func number(of sources: SourceList, list: Int?) -> Int {
        if let list, let known = listNumbers[list] { return known }
        let number = lists[sources] ?? lists.count
        lists[sources] = number
        if let list { listNumbers[list] = number }
        return number
    }

    /// One rule with all capabilities; a part for each destination that has addresses here.
    mutating func addCapabilities(of grant: Grant, from sources: SourceList, to targets: [[IPPrefix]]) {
        let capabilities = grant.app.map { PacketFilterRule.Capability(name: $0.name, values: $0.values) }
        let grants = targets.filter { !$0.isEmpty }.map {
            PacketFilterRule.CapabilityGrant(destinations: $0, capabilities: capabilities)
        }
        guard !grants.isEmpty else { return }
        rules.append(PacketFilterRule(sources: sources, capabilities: grants, origins: [grant.origin]))
    }

    /// The way back for capabilities that have one, in the order of their names.
    mutating func addCompanions(of grant: Grant, from sources: SourceList, to targets: [IPPrefix]) {
        guard !targets.isEmpty else { return }
        for name in grant.app.map(\.name).sorted() {
            guard let companion = CompiledRule.companions[name] else { continue }
            let part = PacketFilterRule.CapabilityGrant(
                destinations: targets, capabilities: [.init(name: companion, values: nil)])
            rules.append(PacketFilterRule(sources: sources, capabilities: [part], origins: [grant.origin]))
        }
    }
}
