extension PolicyDocument {
    /// Whether `tagOwners` speaks of the tag: only such tags may be given to nodes.
    public func defines(tag: String) -> Bool { tagOwners[tag] != nil }

    /// Whether a user may give a tag to a device.
    ///
    /// An owner is named as such, by a group, a domain or a role; who owns a tag also owns the tags that it owns.
    /// - Parameter domains: e-mail domains that belong to the tailnet, lower case.
    public func owns(_ user: PolicyUser, tag: String, domains: Set<String>) -> Bool {
        var seen: Set<String> = [tag]
        var open = [tag]
        while let next = open.popLast() {
            for owner in tagOwners[next] ?? [] {
                if names(owner, user, domains) { return true }
                if case .tag(let name) = owner, seen.insert(name).inserted { open.append(name) }
            }
        }
        return false
    }

    /// Whether a name in a list of owners means the user.
    private func names(_ owner: Alias, _ user: PolicyUser, _ domains: Set<String>) -> Bool {
        switch owner {
        case .user(let text):
            let key = AliasTable.userKey(text)
            return key == AliasTable.userKey(user.name) || key == user.email.lowercased()
        case .userDomain(let domain): return user.domain == domain && domains.contains(domain)
        case .group(let name):
            return (groups[name] ?? []).contains { names($0, user, domains) }
                || (providerGroups[name] ?? []).contains { user.groups.contains($0) }
        case .autogroup(.member): return true
        // An owner of the tailnet is an administrator, too.
        case .autogroup(.admin): return user.role == .admin || user.role == .owner
        case .autogroup(let group): return group.role == user.role
        case .tag, .wildcard, .host, .prefix, .ipset: return false
        }
    }
}
