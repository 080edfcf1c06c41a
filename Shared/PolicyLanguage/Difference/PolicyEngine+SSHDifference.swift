import IPAddresses

extension PolicyEngine {
    /// Logins that sources gain or lose, by destination; nothing is worked out where both policies give the same rules.
    func sshChanges(to other: PolicyEngine) -> [PolicyDifference.Change] {
        guard !document.ssh.isEmpty || !other.document.ssh.isEmpty else { return [] }
        let ids = nodeIDs
        let numbers = Dictionary(ids.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        var changes = ChangeList()
        for id in ids {
            let (old, new) = (sshPolicy(of: id), other.sshPolicy(of: id))
            guard old != new, let to = numbers[id] else { continue }
            let (before, after) = (logins(old), logins(new))
            for source in Set(before.keys).union(after.keys) {
                guard let from = numbers[source] else { continue }
                let (had, has) = (before[source] ?? [], after[source] ?? [])
                changes.add(
                    from: from,
                    to: to,
                    .all,
                    gained: has.subtracting(had).sorted(),
                    lost: had.subtracting(has).sorted()
                )
            }
        }
        return changes.changes { number in entries[ids[number]].map { [$0.node.name] } ?? [] }
    }

    /// Who may log in under which names; the first rule that fits counts.
    private func logins(_ rules: [SSHPolicyRule]) -> [Int64: Set<String>] {
        var names: [Int64: [String: String]] = [:]
        for rule in rules {
            let suffix =
                switch rule.action {
                case .accept: ""
                case .check: " (check)"
                }
            for source in Set(rule.principals.compactMap(nodeID)) {
                for mapping in rule.users where !mapping.local.isEmpty && names[source]?[mapping.requested] == nil {
                    let shown = mapping.requested == "*" ? "autogroup:nonroot" : mapping.requested
                    names[source, default: [:]][mapping.requested] = shown + suffix
                }
            }
        }
        return names.mapValues { Set($0.values) }
    }
}
