import IPAddresses
import PolicyLanguage
import Testing

@Suite("Properties of compiled policies")
struct PolicyPropertyTests {
    @Test(
        "visibility is symmetric, and nobody is their own peer, whatever changed",
        arguments: PropertySteps.seeds(of: 100)
    )
    func symmetry(seed: Int) throws {
        var tailnet = RandomTailnet(seed: UInt64(seed))
        var network = tailnet.network(nodes: 10)
        var engine = PolicyEngine(try tailnet.policy(tailnet.grants()), for: network)
        for step in 0..<100 {
            _ = Self.randomChange(&tailnet, &network, &engine)
            engine.settle()
            let peers = Dictionary(uniqueKeysWithValues: engine.nodeIDs.map { ($0, engine.peerIDs(of: $0)) })
            for (one, list) in peers {
                if list != Set(list).sorted() || list.contains(one) {
                    Issue.record("seed \(seed) step \(step): peers of \(one) are \(list)")
                }
                for other in list where peers[other]?.contains(one) != true {
                    Issue.record("seed \(seed) step \(step): \(one) sees \(other), which does not see it")
                }
            }
            guard let one = engine.nodeIDs.randomElement(using: &tailnet.random) else { continue }
            for other in engine.nodeIDs where engine.areVisible(one, other) != peers[one]?.contains(other) {
                Issue.record("seed \(seed) step \(step): whether \(one) sees \(other) depends on the question")
            }
        }
    }

    @Test("removing a rule never grants access, visibility or capabilities", arguments: PropertySteps.seeds(of: 10))
    func monotony(seed: Int) throws {
        var tailnet = RandomTailnet(seed: UInt64(seed) &+ 1000)
        let network = tailnet.network(nodes: 8)
        var grants: [String] = []
        while grants.count < 10 { grants.append(tailnet.grant()) }
        var document = try tailnet.policy(grants)
        var more = PolicyEngine(document, for: network)
        while !document.grants.isEmpty {
            document.grants.remove(at: Int.random(in: document.grants.indices, using: &tailnet.random))
            let less = PolicyEngine(document, for: network)
            for id in more.nodeIDs where !Set(less.peerIDs(of: id)).isSubset(of: more.peerIDs(of: id)) {
                Issue.record("seed \(seed): with \(document.grants.count) rules \(id) sees more than with one more")
            }
            for id in more.nodeIDs.shuffled(using: &tailnet.random).prefix(3)
            where !Self.access(less, id).isSubset(of: Self.access(more, id)) {
                Issue.record("seed \(seed): with \(document.grants.count) rules \(id) lets in more than with one more")
            }
            more = less
        }
    }

    /// What a filter allows, taken apart.
    private static func access(_ engine: PolicyEngine, _ id: Int64) -> Set<String> {
        var result: Set<String> = []
        for rule in engine.packetFilter(of: id) {
            for source in rule.sources.strings {
                for target in rule.destinations {
                    result.insert("\(source) \(target.ip) \(target.ports) \(rule.protocols)")
                }
                for part in rule.capabilities {
                    for target in part.destinations {
                        result.formUnion(part.capabilities.map { "\(source) \(target) \($0.name)" })
                    }
                }
            }
        }
        return result
    }

    @Test("whom a filter lets in from a node, that node is a peer", arguments: 1...40)
    func filtersImplyVisibility(seed: Int) throws {
        var tailnet = RandomTailnet(seed: UInt64(seed) &+ 2000)
        let network = tailnet.network(nodes: 12)
        let engine = PolicyEngine(try tailnet.policy(tailnet.grants()), for: network)
        for one in network.nodes {
            for other in network.nodes where other.id != one.id {
                for (from, to) in [(one.addresses.first, other.addresses.first)] {
                    guard let from, let to else { continue }
                    let decision = engine.explain(AccessQuestion(source: from, destination: to, port: 22))
                    guard decision.isAllowed else { continue }
                    #expect(engine.areVisible(one.id, other.id), "\(decision.reason)")
                }
            }
        }
    }

    @Test("changes one by one give what compiling all at once gives", arguments: PropertySteps.seeds(of: 150))
    func incremental(seed: Int) throws {
        var tailnet = RandomTailnet(seed: UInt64(seed) &+ 3000)
        var network = tailnet.network(nodes: 10)
        let document = try tailnet.policy(tailnet.grants())
        var engine = PolicyEngine(document, for: network)
        for step in 0..<150 {
            let before = step % 10 == 0 ? engine : nil
            let change = Self.randomChange(&tailnet, &network, &engine)
            engine.settle()
            if let before { Self.expectNamed(change, before, engine) }
            guard step % 10 == 0 else { continue }
            let whole = PolicyEngine(document, for: network)
            for id in whole.nodeIDs {
                let (one, all) = (engine.report(of: id, server: "s"), whole.report(of: id, server: "s"))
                for field in ["packet_filter", "peers", "ssh", "self", "whois_caps"] where one[field] != all[field] {
                    Issue.record(
                        "seed \(seed) step \(step) node \(id) \(field)\n\(one[field] ?? .null)\n\(all[field] ?? .null)"
                    )
                }
            }
            #expect(engine.nodeIDs == whole.nodeIDs)
        }
    }

    private static func randomChange(
        _ tailnet: inout RandomTailnet,
        _ network: inout PolicyNetwork,
        _ engine: inout PolicyEngine
    ) -> PolicyChange {
        if tailnet.chance(10), let index = network.users.indices.dropFirst().randomElement(using: &tailnet.random) {
            network.users[index].role = [.admin, .auditor, .member].randomElement(using: &tailnet.random) ?? .member
            return engine.upsert(network.users[index])
        }
        if tailnet.chance(20) {
            let user = tailnet.person()
            network.users = network.users.map { $0.id == user.id ? user : $0 }
            return engine.upsert(user)
        }
        let id = Int64.random(in: 1...16, using: &tailnet.random)
        network.nodes.removeAll { $0.id == id }
        if tailnet.chance(30) { return engine.remove(id) }
        let node = tailnet.node(id)
        network.nodes.append(node)
        return engine.upsert(node)
    }

    /// Whoever is told something new is named by the change.
    private static func expectNamed(_ change: PolicyChange, _ before: PolicyEngine, _ after: PolicyEngine) {
        let peers = Set(after.nodesWithChangedPeers(change))
        let filters = Set(after.nodesWithChangedFilters(change))
        for id in after.nodeIDs where before.node(id) != nil {
            if before.peers(of: id) != after.peers(of: id) { #expect(peers.contains(id), "peers of \(id)") }
            if access(before, id) != access(after, id) { #expect(filters.contains(id), "filter of \(id)") }
        }
    }

    @Test("equal input in another order of nodes and users gives equal output")
    func stability() throws {
        for seed in UInt64(1)...10 {
            var tailnet = RandomTailnet(seed: seed &+ 4000)
            let network = tailnet.network(nodes: 12)
            let document = try tailnet.policy(tailnet.grants())
            let other = PolicyNetwork(
                users: network.users.reversed(),
                nodes: network.nodes.reversed(),
                domains: network.domains
            )
            let (one, two) = (PolicyEngine(document, for: network), PolicyEngine(document, for: other))
            #expect(one.report(server: "s").description == two.report(server: "s").description)
        }
    }

    @Test("a change of a user's role changes what their nodes may do")
    func role() throws {
        let text =
            #"{"grants": [{"src": ["autogroup:admin"], "dst": ["tag:a"], "ip": ["*"]}], "tagOwners": {"tag:a": []}}"#
        let user = PolicyUser(id: 1, name: "u", email: "u@example.com")
        let network = PolicyNetwork(
            users: [user],
            nodes: [
                PolicyNode(id: 1, name: "a", user: 1, ipv4: IPv4Address("100.64.0.1")),
                PolicyNode(id: 2, name: "b", tags: ["tag:a"], ipv4: IPv4Address("100.64.0.2")),
            ]
        )
        var engine = PolicyEngine(try PolicyDocument.parse(text), for: network)
        #expect(engine.peerIDs(of: 2).isEmpty)
        var admin = user
        admin.role = .admin
        let change = engine.upsert(admin)
        #expect(engine.peerIDs(of: 2) == [1])
        #expect(engine.nodesWithChangedPeers(change) == [1, 2])
        #expect(engine.packetFilter(of: 2).first?.sources.strings == ["100.64.0.1"])
    }
}
