extension PolicyEngine {
    /// Compiles a policy and checks it against the network, its tests included.
    ///
    /// - Errors: everything that is wrong; faults of the document itself come alone, since nothing else can be judged.
    public static func checked(_ bytes: [UInt8], for network: PolicyNetwork) throws(PolicyErrors) -> PolicyEngine {
        let engine = PolicyEngine(try PolicyDocument.parse(bytes), for: network)
        let faults = engine.faults()
        guard faults.isEmpty else { throw PolicyErrors(faults: faults) }
        return engine
    }

    /// What is wrong with the policy in this network: foreign domains, names of several users, tests that fail.
    public func faults() -> [PolicyFault] {
        let faults = domainFaults() + ambiguousUsers()
        return faults.isEmpty ? testFaults() : faults
    }

    private func domainFaults() -> [PolicyFault] {
        var faults: [PolicyFault] = []
        for rule in document.ssh {
            var named: [(domain: String, text: String)] = []
            for alias in rule.sources + rule.destinations {
                if case .userDomain(let domain) = alias { named.append((domain, alias.description)) }
            }
            named += rule.users.compactMap { user in SSHLocalParts.domain(user).map { ($0, user) } }
            faults += foreign(named, in: "ssh", at: rule.position)
        }
        for grant in document.grants {
            var named: [(domain: String, text: String)] = []
            for alias in grant.sources + grant.destinations {
                if case .userDomain(let domain) = alias { named.append((domain, alias.description)) }
            }
            faults += foreign(named, in: grant.origin.section.rawValue, at: grant.origin.position)
        }
        return faults
    }

    private func foreign(
        _ named: [(domain: String, text: String)],
        in section: String,
        at position: SourcePosition
    ) -> [PolicyFault] {
        named.filter { !domains.contains($0.domain) && $0.domain != "passkey" }.map { domain, text in
            PolicyFault(
                position: position,
                text: text,
                message: "[\(section)] \(domain) is not associated with this Tailnet and cannot be used in "
                    + "user:*@<domain> expressions",
                suggestion: nearestName(to: domain, among: domains.sorted()).map { "did you mean \"\($0)\"?" }
            )
        }
    }

    /// Names that mean several users; an e-mail address is worth more than a login name.
    private func ambiguousUsers() -> [PolicyFault] {
        var faults: [PolicyFault] = []
        var counts: [String: Int] = [:]
        for user in users.values {
            for key in Set([user.email.lowercased(), AliasTable.userKey(user.name)]) { counts[key, default: 0] += 1 }
        }
        for alias in aliases.aliases {
            guard case .user(let text) = alias, let count = counts[AliasTable.userKey(text)], count > 1 else {
                continue
            }
            let position = document.grants.first { ($0.sources + $0.destinations).contains(alias) }?.origin.position
            let message = "user \"\(text)\" is ambiguous: \(count) users have this name"
            faults.append(PolicyFault(position: position ?? .start, text: text, message: message))
        }
        return faults
    }
}
