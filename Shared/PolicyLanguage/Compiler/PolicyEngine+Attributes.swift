extension PolicyEngine {
    /// The attributes that the policy gives to nodes of a class, sorted by name.
    func attributes(of group: NodeClass) -> [PacketFilterRule.Capability] {
        var result: [PacketFilterRule.Capability] = []
        let names = group.aliases
        for rule in document.nodeAttributes {
            let isTarget = rule.targets.contains { $0 == .wildcard || aliases[$0].map(names.contains) ?? false }
            guard isTarget else { continue }
            for name in rule.attributes { result.merge(.init(name: name, values: nil)) }
            for capability in rule.app { result.merge(.init(name: capability.name, values: capability.values)) }
        }
        if result.contains(where: { $0.name == "funnel" }) {
            result.merge(.init(name: "https://tailscale.com/cap/funnel-ports?ports=443,8443,10000", values: nil))
        }
        return result.sorted { $0.name < $1.name }
    }

    /// All capabilities of a node towards itself, sorted by name.
    func capabilities(of entry: NodeEntry, updatesAutomatically: Bool) -> [PacketFilterRule.Capability] {
        var result = attributes(of: classes[entry.classNumber])
        for name in ["https://tailscale.com/cap/file-sharing", "https://tailscale.com/cap/ssh"] {
            result.merge(.init(name: name, values: nil))
        }
        if let user = entry.node.user, !entry.node.isTagged, [.admin, .owner].contains(users[user]?.role) {
            result.merge(.init(name: "https://tailscale.com/cap/is-admin", values: nil))
        }
        if !result.contains(where: { $0.name == "default-auto-update" }) {
            result.merge(.init(name: "default-auto-update", values: [.bool(updatesAutomatically)]))
        }
        if document.randomizeClientPort { result.merge(.init(name: "randomize-client-port", values: nil)) }
        if document.disableIPv4 { result.merge(.init(name: "disable-ipv4", values: nil)) }
        if let route = document.oneCGNATRoute {
            result.merge(.init(name: "one-cgnat?v=\(route == "mac-always")", values: nil))
        }
        return result.sorted { $0.name < $1.name }
    }
}
