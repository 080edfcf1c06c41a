import IPAddresses

/// The names that a policy uses, numbered, and which of them a node answers to.
struct AliasTable: Sendable {
    private(set) var aliases: [Alias] = []
    private var numbers: [Alias: Int] = [:]
    /// Names that mean addresses, whoever has them.
    private(set) var statics: [(number: Int, set: AddressSet)] = []
    private var staticSets: [Int: AddressSet] = [:]
    /// Lower-case user text to the users and groups that mean it.
    private var byUser: [String: [Int]] = [:]
    /// A provider's group to the groups that it belongs to.
    private var byProviderGroup: [String: [Int]] = [:]
    /// Providers' groups that the policy names, whether or not some rule uses the groups they belong to.
    private let providerGroups: Set<String>
    private let hosts: [String: IPPrefix]
    private let ipsets: [String: AddressSet]

    init(_ document: PolicyDocument) {
        hosts = document.hosts
        ipsets = document.ipsets
        providerGroups = Set(document.providerGroups.values.joined())
        for grant in document.grants { number(grant.sources + grant.destinations + grant.via.map(Alias.tag)) }
        for rule in document.ssh { number(rule.sources + rule.destinations + rule.recorders) }
        for rule in document.nodeAttributes { number(rule.targets) }
        number(document.autoApprovers.exitNode)
        for route in document.autoApprovers.routes { number(route.approvers) }
        number([.wildcard])
        indexUsers(document.groups)
        for (name, members) in document.providerGroups {
            guard let number = numbers[.group(name)] else { continue }
            for member in Set(members) { byProviderGroup[member, default: []].append(number) }
        }
    }

    private mutating func number(_ list: [Alias]) {
        for alias in list where numbers[alias] == nil {
            let number = aliases.count
            numbers[alias] = number
            aliases.append(alias)
            if let set = Self.addresses(alias, hosts: hosts, ipsets: ipsets) {
                statics.append((number, set))
                staticSets[number] = set
            }
        }
    }

    private mutating func indexUsers(_ groups: [String: [Alias]]) {
        for (number, alias) in aliases.enumerated() {
            switch alias {
            case .user(let text): byUser[Self.userKey(text), default: []].append(number)
            case .userDomain(let domain): byUser["*@" + domain, default: []].append(number)
            case .group(let name):
                for member in groups[name] ?? [] {
                    switch member {
                    case .user(let text): byUser[Self.userKey(text), default: []].append(number)
                    case .userDomain(let domain): byUser["*@" + domain, default: []].append(number)
                    default: continue
                    }
                }
            default: continue
            }
        }
    }

    subscript(alias: Alias) -> Int? { numbers[alias] }

    /// The addresses a name means whoever has them; `nil` for names of users and nodes.
    static func addresses(_ alias: Alias, hosts: [String: IPPrefix], ipsets: [String: AddressSet]) -> AddressSet? {
        switch alias {
        case .wildcard: .tailnet
        case .prefix(let prefix): AddressSet([prefix])
        case .host(let name): AddressSet(hosts[name].map { [AddressRange($0)] } ?? [])
        case .ipset(let name): ipsets[name] ?? AddressSet()
        case .autogroup(.internet): .internet
        case .autogroup(.dangerAll): .everything
        case .user, .userDomain, .group, .tag, .autogroup: nil
        }
    }

    func staticSet(_ number: Int) -> AddressSet? { staticSets[number] }

    /// A name as users are looked up by: lower case, a trailing `@` dropped.
    static func userKey(_ text: String) -> String {
        let key = text.lowercased()
        return key.last == "@" ? String(key.dropLast()) : key
    }

    /// A user without the providers' groups that the policy does not name: news of those are none.
    func known(_ user: PolicyUser) -> PolicyUser {
        var user = user
        user.groups = user.groups.filter(providerGroups.contains)
        return user
    }

    /// The names a user answers to, whatever their node is.
    func names(of user: PolicyUser, domains: Set<String>) -> [Int] {
        var result = byUser[user.email.lowercased(), default: []]
        let login = Self.userKey(user.name)
        if login != user.email.lowercased() { result += byUser[login, default: []] }
        if let domain = user.domain, domains.contains(domain) { result += byUser["*@" + domain, default: []] }
        for group in user.groups { result += byProviderGroup[group, default: []] }
        let roles: [Autogroup] =
            switch user.role {
            case .owner: [.owner, .admin]
            case .admin: [.admin]
            case .auditor: [.auditor]
            case .billingAdmin: [.billingAdmin]
            case .itAdmin: [.itAdmin]
            case .networkAdmin: [.networkAdmin]
            case .member: []
            }
        return result + (roles + [.member]).compactMap { numbers[.autogroup($0)] }
    }

    /// The names that tags answer to.
    func names(ofTags tags: [String]) -> [Int] {
        tags.compactMap { numbers[.tag($0)] } + [numbers[.autogroup(.tagged)]].compactMap(\.self)
    }

    /// The names that mean one of these addresses.
    func names(of addresses: [IPAddress]) -> [Int] {
        let ranges = addresses.map(AddressRange.init)
        return statics.filter { entry in ranges.contains(where: entry.set.contains) }.map(\.number)
    }
}
