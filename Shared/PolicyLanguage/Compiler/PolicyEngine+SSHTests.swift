import IPAddresses

extension PolicyEngine {
    /// What becomes of an SSH login.
    enum SSHOutcome: String {
        case accept = "ACCEPT"
        case check = "CHECK"
        case deny = "DENIED"
    }

    func failures(of test: SSHTest) -> [PolicyFault] {
        let sources: [TestParty]
        do throws(WordingError) {
            guard !test.accept.isEmpty || !test.deny.isEmpty || !test.check.isEmpty else {
                throw WordingError("SSH test has no accept, no deny and no check")
            }
            sources = try testSource(test.source)
        } catch {
            return [Self.failure(test.position, test.source, error.message)]
        }
        var faults: [PolicyFault] = []
        for target in test.destinations {
            do throws(WordingError) {
                let nodes = try sshTargets(target.text, from: sources)
                for (wanted, names) in [(SSHOutcome.accept, test.accept), (.deny, test.deny), (.check, test.check)] {
                    for name in names {
                        guard let got = broken(wanted, name, sources, nodes) else { continue }
                        let message =
                            "\(test.source) -> \(target.text) as \(name): expected \(wanted.rawValue), got \(got.rawValue)"
                        faults.append(Self.failure(target.position, target.text, message))
                    }
                }
            } catch {
                faults.append(
                    Self.failure(target.position, target.text, "\(test.source) -> \(target.text): \(error.message)")
                )
            }
        }
        if test.destinations.isEmpty { faults.append(Self.failure(test.position, test.source, "SSH test has no dst")) }
        return faults
    }

    /// The first outcome that is not what was promised.
    private func broken(
        _ wanted: SSHOutcome,
        _ name: String,
        _ sources: [TestParty],
        _ nodes: [NodeEntry]
    ) -> SSHOutcome? {
        for source in sources {
            for node in nodes {
                let got = outcome(of: source, at: node, as: name)
                if got != wanted { return got }
            }
        }
        return nil
    }

    private func outcome(of source: TestParty, at entry: NodeEntry, as name: String) -> SSHOutcome {
        for rule in sshPolicy(of: entry.node.id) where source.addresses.contains(where: rule.principals.contains) {
            let mapping =
                rule.users.first { $0.requested == name } ?? rule.users.first { $0.requested == "*" }
            guard let mapping, !mapping.local.isEmpty else { continue }
            switch rule.action {
            case .accept: return .accept
            case .check: return .check
            }
        }
        return .deny
    }

    /// The nodes that a test logs in to.
    ///
    /// An IPv6 address names none: the service refuses such tests.
    private func sshTargets(_ text: String, from sources: [TestParty]) throws(WordingError) -> [NodeEntry] {
        let alias = try PolicyReader.alias(text, hosts: document.hosts)
        let found: [NodeEntry]
        switch alias {
        case .prefix(let prefix) where prefix.address.bitLength == 128:
            throw WordingError("an IPv6 address cannot be tested: use a tag, a user, a host or the IPv4 address")
        case .prefix(let prefix): found = nodeID(with: prefix.address).flatMap { entries[$0] }.map { [$0] } ?? []
        case .host(let name):
            guard let prefix = document.hosts[name], prefix.isSingle else {
                throw WordingError("\"\(text)\" is not a single address")
            }
            found = nodeID(with: prefix.address).flatMap { entries[$0] }.map { [$0] } ?? []
        case .autogroup(.own):
            let users = Set(sources.compactMap { $0.entry?.node.user })
            found = entries.values.filter { !$0.node.isTagged && $0.node.user.map(users.contains) ?? false }
                .sorted { $0.node.id < $1.node.id }
        default: found = testNodes(alias)
        }
        guard !found.isEmpty else { throw WordingError("\"\(text)\" names no node") }
        return found
    }
}
