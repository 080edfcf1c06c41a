import IPAddresses

extension PolicyEngine {
    /// The nodes a test means by a name; a stand-in only where nobody else answers to it.
    func testNodes(_ alias: Alias) -> [NodeEntry] {
        let found = entries.values.filter { answers($0.node, to: alias) }.sorted { $0.node.id < $1.node.id }
        let real = found.filter { $0.node.id < Self.firstStandIn }
        return real.isEmpty ? found : real
    }

    /// Whether a node answers to a name, also to one that no rule uses.
    private func answers(_ node: PolicyNode, to alias: Alias) -> Bool {
        let user = node.isTagged ? nil : node.user.flatMap { users[$0] }
        switch alias {
        case .tag(let tag): return node.tags.contains(tag)
        case .autogroup(.tagged): return node.isTagged
        case .autogroup(.member): return !node.isTagged
        case .autogroup(.admin): return user?.role == .admin || user?.role == .owner
        case .autogroup(let group): return group.role.map { user?.role == $0 } ?? false
        case .user(let text):
            return user.map { [$0.email.lowercased(), AliasTable.userKey($0.name)].contains(AliasTable.userKey(text)) }
                ?? false
        case .userDomain(let domain): return user?.domain == domain && domains.contains(domain)
        case .group(let name):
            return (document.groups[name] ?? []).contains { answers(node, to: $0) }
                || (document.providerGroups[name] ?? []).contains { user?.groups.contains($0) ?? false }
        case .wildcard, .host, .prefix, .ipset: return false
        }
    }

    /// Ids from here on are stand-ins.
    private static let firstStandIn = Int64.max - 1_000_000

    /// The engine with a node for each user and tag that has none, so that a test can speak of them.
    func withStandIns() -> PolicyEngine {
        var copy = self
        var taken = Set(entries.values.compactMap(\.node.ipv4?.value))
        var next: UInt32 = 0x647F_FFFE
        var id = Self.firstStandIn
        func freeAddress() -> IPv4Address {
            while taken.contains(next) { next -= 1 }
            taken.insert(next)
            return IPv4Address(next)
        }
        let tags = Set(entries.values.flatMap(\.node.tags))
        for tag in document.tagOwners.keys.sorted() where !tags.contains(tag) {
            _ = copy.upsert(PolicyNode(id: id, name: tag, tags: [tag], ipv4: freeAddress()))
            id += 1
        }
        for user in users.keys.sorted() where (nodesOfUser[user] ?? []).isEmpty {
            _ = copy.upsert(PolicyNode(id: id, name: "\(user)", user: user, ipv4: freeAddress()))
            id += 1
        }
        return copy
    }
}
