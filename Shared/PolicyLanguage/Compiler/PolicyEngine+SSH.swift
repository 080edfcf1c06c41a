import IPAddresses

extension PolicyEngine {
    /// The SSH rules of a node, `check` before `accept`.
    public func sshPolicy(of id: Int64) -> [SSHPolicyRule] {
        guard let entry = entries[id] else { return [] }
        var checks: [SSHPolicyRule] = []
        var accepts: [SSHPolicyRule] = []
        for rule in document.ssh {
            switch rule.action {
            case .accept: accepts += compiled(rule, for: entry)
            case .check: checks += compiled(rule, for: entry)
            }
        }
        return checks + accepts
    }

    /// The first SSH rule of a node that lets somebody who comes from `source` in as a local user; `nil`: none does.
    public func sshRule(from source: Int64, to id: Int64, localUser: String) -> SSHPolicyRule? {
        guard let addresses = entries[source]?.node.addresses else { return nil }
        return sshPolicy(of: id).first { rule in
            rule.leads(to: localUser) && rule.principals.contains(where: addresses.contains)
        }
    }

    /// The rules that one rule of the policy makes at one node.
    func compiled(_ rule: SSHRule, for entry: NodeEntry) -> [SSHPolicyRule] {
        let local = SSHLocalParts(rule.users)
        let sources = comers(of: rule, to: entry, hasLocalParts: !local.domains.isEmpty)
        guard !sources.isEmpty else { return [] }
        let action = action(of: rule)
        func made(_ principals: [IPAddress], _ users: [SSHPolicyRule.UserMapping]) -> SSHPolicyRule {
            SSHPolicyRule(principals: principals, users: users, acceptEnv: rule.acceptEnv, action: action)
        }
        guard !local.domains.isEmpty else {
            return [made(sources.flatMap { principals(of: $0, in: rule) }, local.mappings)]
        }
        var result: [SSHPolicyRule] = []
        let byUser = Dictionary(grouping: sources) { $0.node.isTagged ? nil : $0.node.user }
        for id in byUser.keys.compactMap(\.self).sorted() {
            let addresses = (byUser[id] ?? []).flatMap { principals(of: $0, in: rule) }
            result.append(made(addresses, local.mappings))
            if let user = users[id], let part = local.name(for: user, domains: domains) {
                result.append(made(addresses, [.init(requested: part, local: part)]))
            }
        }
        if let tagged = byUser[nil] {
            result.append(made(tagged.flatMap { principals(of: $0, in: rule) }, local.mappings))
        }
        return result
    }

    private func action(of rule: SSHRule) -> SSHPolicyRule.Action {
        let recorders = rule.recorders.flatMap { nodes(named: [$0]).flatMap(\.node.addresses) }
        switch rule.action {
        case .accept: return .accept(recorders: recorders, mustRecord: rule.enforcesRecorder)
        case .check(let period):
            return .check(period: period, recorders: recorders, mustRecord: rule.enforcesRecorder)
        }
    }

    /// Who may come to a node by a rule: by user, then by id, tagged nodes last.
    ///
    /// A rule with `localpart:` also lets users come to the nodes they come from, as the service does.
    private func comers(of rule: SSHRule, to entry: NodeEntry, hasLocalParts: Bool) -> [NodeEntry] {
        let names = classes[entry.classNumber].aliases
        let others = rule.destinations.filter { $0 != .autogroup(.own) }
        let isForAll = others.contains { aliases[$0].map(names.contains) ?? false }
        let isForOwn = others.count != rule.destinations.count
        let owner = entry.node.isTagged ? nil : entry.node.user
        guard isForAll || (owner != nil && (isForOwn || hasLocalParts)) else { return [] }
        let sources = nodes(named: rule.sources).filter { fulfils(rule.sourcePosture, $0) }
        if isForAll { return sources }
        let own = sources.filter { !$0.node.isTagged && $0.node.user == owner }
        return isForOwn || own.contains { $0.node.id == entry.node.id } ? own : []
    }

    /// Whether a node has one of these postures; without any there is no condition.
    private func fulfils(_ postures: [String], _ entry: NodeEntry) -> Bool {
        postures.isEmpty || postures.contains(where: classes[entry.classNumber].key.postures.contains)
    }

    /// The nodes that answer to any of these names, by user, then by id, tagged nodes last.
    func nodes(named list: [Alias]) -> [NodeEntry] {
        let names = BitSet(list.compactMap { aliases[$0] })
        let found = classes.filter { $0.aliases.intersects(names) }.flatMap(\.members).compactMap { entries[$0] }
        return found.sorted { left, right in
            let (one, other) = (
                left.node.isTagged ? Int64.max : left.node.user ?? 0,
                right.node.isTagged ? Int64.max : right.node.user ?? 0
            )
            return (one, left.node.id) < (other, right.node.id)
        }
    }

    private func principals(of entry: NodeEntry, in rule: SSHRule) -> [IPAddress] {
        guard entry.node.isTagged else { return entry.node.addresses }
        let takesAll = rule.sources.contains(.autogroup(.tagged))
        let tags = entry.node.tags.filter { takesAll || rule.sources.contains(.tag($0)) }
        return tags.flatMap { _ in entry.node.addresses }
    }
}
