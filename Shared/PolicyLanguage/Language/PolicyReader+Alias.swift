import IPAddresses

/// Where a name stands, which decides what it may be.
enum AliasPlace {
    case accessSource
    case accessDestination
    case grantSource
    case grantDestination
    case sshSource
    case sshDestination
    case recorder
    case attributeTarget
    /// An owner of a tag, or an approver of routes.
    case owner

    /// What the service puts before a name it cannot find.
    func prefix(_ text: String) -> String {
        switch self {
        case .accessSource, .grantSource: "src="
        case .accessDestination: "dst=\"\(text)\": "
        case .grantDestination, .sshSource, .sshDestination, .recorder, .attributeTarget, .owner: ""
        }
    }
}

extension PolicyReader {
    /// Reads a name and checks that it exists and may stand where it stands.
    mutating func alias(_ text: String, at item: HuJSON, as place: AliasPlace) -> Alias? {
        let name = text.trimmed
        do throws(WordingError) {
            let alias = try Self.alias(name, hosts: document.hosts)
            try requireKnown(alias, place)
            try Self.requireFitting(alias, place)
            return alias
        } catch {
            fault(item, name, error.message, guess(name, among: namesLike(name)))
            return nil
        }
    }

    /// The reading order of the service: address, `*`, user, then by prefix, and a host in the end.
    static func alias(_ name: String, hosts: [String: IPPrefix]) throws(WordingError) -> Alias {
        if let prefix = prefix(name) { return .prefix(prefix) }
        if name == "*" { return .wildcard }
        if name.contains("@") { return user(name) }
        if name.hasPrefix("group:") { return .group(name) }
        if name.hasPrefix("tag:") { return .tag(name) }
        if name.hasPrefix("ipset:") { return .ipset(name) }
        if name.hasPrefix("autogroup:") {
            guard let group = Autogroup(text: name) else { throw WordingError("invalid autogroup \"\(name)\"") }
            return .autogroup(group)
        }
        guard hosts[name] != nil else { throw WordingError("\"\(name)\": invalid address") }
        return .host(name)
    }

    private func requireKnown(_ alias: Alias, _ place: AliasPlace) throws(WordingError) {
        switch alias {
        case .tag(let name) where document.tagOwners[name] == nil:
            throw WordingError("\(place.prefix(name))tag not found: \"\(name)\"")
        case .group(let name) where document.groups[name] == nil:
            throw WordingError("\(place.prefix(name))group not found: \"\(name)\"")
        case .ipset(let name) where document.ipsets[name] == nil:
            throw WordingError("\(place.prefix(name))ipset not found: \"\(name)\"")
        default: return
        }
    }

    private static func requireFitting(_ alias: Alias, _ place: AliasPlace) throws(WordingError) {
        switch place {
        case .accessSource, .grantSource:
            if case .autogroup(let group) = alias, [.own, .internet, .nonroot].contains(group) {
                throw WordingError("\"\(alias)\" not valid on the src side of a rule")
            }
        case .accessDestination, .grantDestination: try requireDestination(alias, place)
        case .sshSource: try requireSSHSource(alias)
        case .sshDestination: try requireSSHDestination(alias)
        case .recorder:
            guard case .tag = alias else { throw WordingError("recorder \"\(alias)\" must be a tag") }
        case .attributeTarget:
            if case .autogroup(let group) = alias, [.own, .internet, .nonroot, .dangerAll].contains(group) {
                throw WordingError("\"\(alias)\" not valid as a nodeAttrs target")
            }
        case .owner: try requireOwner(alias)
        }
    }

    private static func requireDestination(_ alias: Alias, _ place: AliasPlace) throws(WordingError) {
        switch alias {
        case .autogroup(.dangerAll): throw WordingError("cannot use autogroup:danger-all as a dst")
        case .autogroup(.nonroot): throw WordingError("\"\(alias)\" not valid on the dst side of a rule")
        case .prefix(let prefix) where prefix.isExitRoute && place == .grantDestination:
            throw WordingError(
                "dst \"\(prefix)\": to allow all IP addresses, use \"*\" or \"autogroup:internet\""
            )
        default: return
        }
    }

    private static func requireSSHSource(_ alias: Alias) throws(WordingError) {
        switch alias {
        case .user, .userDomain, .group, .tag: return
        case .autogroup(let group) where group.role != nil || [.member, .tagged, .shared].contains(group): return
        case .wildcard, .autogroup, .host, .prefix, .ipset: throw WordingError("invalid src \"\(alias)\"")
        }
    }

    private static func requireSSHDestination(_ alias: Alias) throws(WordingError) {
        switch alias {
        case .user, .tag, .autogroup(.member), .autogroup(.tagged), .autogroup(.own): return
        case .wildcard, .userDomain, .group, .autogroup, .host, .prefix, .ipset:
            throw WordingError("invalid dst \"\(alias)\"")
        }
    }

    private static func requireOwner(_ alias: Alias) throws(WordingError) {
        switch alias {
        case .user, .userDomain, .group, .tag: return
        case .autogroup(let group) where group.role != nil || group == .member: return
        case .wildcard, .autogroup, .host, .prefix, .ipset:
            throw WordingError("\"\(alias)\" cannot be an owner: use a user, a group or a tag")
        }
    }

    /// Names of the same kind, for a guess.
    private func namesLike(_ name: String) -> [String] {
        if name.hasPrefix("tag:") { return document.tagOwners.keys.sorted() }
        if name.hasPrefix("group:") { return document.groups.keys.sorted() }
        if name.hasPrefix("ipset:") { return document.ipsets.keys.sorted() }
        if name.hasPrefix("autogroup:") { return Autogroup.allCases.map(\.description) }
        return document.hosts.keys.sorted() + ["autogroup:member", "autogroup:tagged", "autogroup:self"]
    }
}
