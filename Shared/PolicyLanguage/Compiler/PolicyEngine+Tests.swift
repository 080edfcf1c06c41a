import IPAddresses

extension PolicyEngine {
    /// One fault for each promise of `tests` and `sshTests` that the policy does not keep.
    ///
    /// - Errors: each text begins with the service's `test(s) failed` and says source, destination, expected and got.
    public func testFaults() -> [PolicyFault] {
        guard !document.tests.isEmpty || !document.sshTests.isEmpty else { return [] }
        let ready = withStandIns().settled
        let access = document.tests.flatMap { ready.failures(of: $0) }
        return access + document.sshTests.flatMap { ready.failures(of: $0) }
    }

    static func failure(_ position: SourcePosition, _ text: String, _ message: String) -> PolicyFault {
        PolicyFault(position: position, text: text, message: "test(s) failed: \(message)")
    }

    private func failures(of test: AccessTest) -> [PolicyFault] {
        let source: [TestParty]
        do throws(WordingError) {
            guard !test.accept.isEmpty || !test.deny.isEmpty else {
                throw WordingError("test has no accept and no deny")
            }
            source = try testSource(test.source)
        } catch {
            return [Self.failure(test.position, test.source, error.message)]
        }
        guard case .success(let proto) = IPProtocol.parse(test.protocol), proto.map(\.hasPorts) ?? true else {
            let message = "\(test.source): protocol \"\(test.protocol)\" cannot be tested: use tcp, udp or sctp"
            return [Self.failure(test.position, test.protocol, message)]
        }
        return test.accept.compactMap { check($0, from: source, of: test, proto, isAccept: true) }
            + test.deny.compactMap { check($0, from: source, of: test, proto, isAccept: false) }
    }

    private func check(
        _ target: AccessTest.Destination,
        from source: [TestParty],
        of test: AccessTest,
        _ proto: IPProtocol?,
        isAccept: Bool
    ) -> PolicyFault? {
        let question = "\(test.source) -> \(target.text)"
        do throws(WordingError) {
            let (parties, port) = try testDestination(target.text)
            let results = source.flatMap { from in parties.map { reaches(from, $0, port: port, proto) } }
            let isKept = isAccept ? !results.isEmpty && !results.contains(false) : !results.contains(true)
            guard !isKept else { return nil }
            let (expected, got) = isAccept ? ("ALLOWED", "DENIED") : ("DENIED", "ALLOWED")
            return Self.failure(target.position, target.text, "\(question): expected \(expected), got \(got)")
        } catch {
            return Self.failure(target.position, target.text, "\(question): \(error.message)")
        }
    }

    /// Someone a test speaks of: a node, or an address alone.
    struct TestParty {
        var entry: NodeEntry?
        var addresses: [IPAddress]
    }

    private func reaches(_ source: TestParty, _ target: TestParty, port: UInt16, _ proto: IPProtocol?) -> Bool {
        // The family does not matter: a rule names both addresses of a node, and a literal may have only one.
        target.addresses.allSatisfy { to in
            source.addresses.contains { from in
                explain(AccessQuestion(source: from, destination: to, port: port, protocol: proto)).isAllowed
            }
        }
    }

    func testSource(_ text: String) throws(WordingError) -> [TestParty] {
        guard !text.isEmpty else { throw WordingError("test has no src") }
        return try parties(text, isSource: true)
    }

    private func testDestination(_ text: String) throws(WordingError) -> (parties: [TestParty], port: UInt16) {
        let (name, ports) = try PolicyReader.splitPorts(text)
        let ranges = try PortRange.list(ports)
        guard ranges.count == 1, let range = ranges.first, range.first == range.last else {
            throw WordingError("dst=\"\(text)\": a test needs a single port")
        }
        guard !name.contains("/") else { throw WordingError("dst=\"\(text)\": a test needs an address, not a prefix") }
        return (try parties(name, isSource: false), range.first)
    }

    private func parties(_ name: String, isSource: Bool) throws(WordingError) -> [TestParty] {
        let alias = try PolicyReader.alias(name, hosts: document.hosts)
        switch alias {
        case .prefix, .host:
            guard let single = hostPrefix(alias), single.isSingle else {
                throw WordingError("\"\(name)\" is not a single address")
            }
            let entry = nodeID(with: single.address).flatMap { entries[$0] }
            return [TestParty(entry: entry, addresses: [single.address])]
        case .tag(let tag) where document.tagOwners[tag] == nil: throw WordingError("tag not found: \"\(tag)\"")
        case .group(let group) where document.groups[group] == nil: throw WordingError("group not found: \"\(group)\"")
        case .wildcard, .ipset, .autogroup(.internet), .autogroup(.dangerAll), .autogroup(.own), .autogroup(.nonroot):
            throw WordingError("\"\(name)\" cannot be tested")
        default: break
        }
        let found = testNodes(alias)
        guard !found.isEmpty else { throw WordingError("\"\(name)\" names no user or node") }
        return found.map { TestParty(entry: $0, addresses: $0.node.addresses) }
    }

    private func hostPrefix(_ alias: Alias) -> IPPrefix? {
        switch alias {
        case .prefix(let prefix): prefix
        case .host(let name): document.hosts[name]
        default: nil
        }
    }
}
