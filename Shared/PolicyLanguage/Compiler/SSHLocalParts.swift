/// The `users` of an SSH rule: names, `autogroup:nonroot`, and `localpart:*@domain`.
struct SSHLocalParts {
    /// Domains whose users log in under the part of their address before the `@`.
    private(set) var domains: [String] = []
    /// What holds for everybody, sorted by name; root is refused unless it is named.
    private(set) var mappings: [SSHPolicyRule.UserMapping] = []

    init(_ users: [String]) {
        var map = ["root": ""]
        for user in users {
            if let domain = Self.domain(user) {
                domains.append(domain)
            } else if user == "autogroup:nonroot" {
                map["*"] = "="
            } else {
                map[user] = user
            }
        }
        mappings = map.sorted { $0.key < $1.key }.map { .init(requested: $0.key, local: $0.value) }
    }

    /// The domain of `localpart:*@domain`; everything else is an ordinary name.
    static func domain(_ user: String) -> String? {
        guard user.hasPrefix("localpart:*@") else { return nil }
        let domain = user.dropFirst("localpart:*@".count).lowercased()
        return domain.isEmpty ? nil : domain
    }

    /// The name under which a user logs in by `localpart:`, if one of the domains is theirs.
    func name(for user: PolicyUser, domains known: Set<String>) -> String? {
        guard let domain = user.domain, domains.contains(domain), known.contains(domain) else { return nil }
        return user.localPart
    }
}
