import IPAddresses
import PolicyLanguage
import Testing

@Suite("What one policy changes for whom")
struct PolicyDifferenceTests {
    @Test("what gains or loses a port is what explanations say, and nothing else", arguments: 1...40)
    func agreesWithExplanations(seed: Int) throws {
        var tailnet = RandomTailnet(seed: UInt64(seed) &+ 7000)
        let network = tailnet.network(nodes: 12)
        let old = PolicyEngine(try tailnet.policy(tailnet.grants()), for: network)
        let new = PolicyEngine(try tailnet.policy(tailnet.grants()), for: network)
        let difference = old.difference(to: new)
        for from in network.nodes {
            for to in network.nodes where to.id != from.id {
                guard let source = from.ipv4, let target = to.ipv4 else { continue }
                for (port, proto) in [(UInt16(22), 6), (53, 17), (443, 6), (85, 6), (0, 1), (9, 132)] {
                    let question = AccessQuestion(
                        source: .v4(source),
                        destination: .v4(target),
                        port: port,
                        protocol: IPProtocol(number: proto)
                    )
                    let (had, has) = (old.explain(question).isAllowed, new.explain(question).isAllowed)
                    let told = Self.told(difference, from, to, port, proto)
                    #expect(told.gained == (!had && has), "seed \(seed): \(from.name) -> \(to.name) \(proto):\(port)")
                    #expect(told.lost == (had && !has), "seed \(seed): \(from.name) -> \(to.name) \(proto):\(port)")
                }
            }
        }
    }

    private static func told(
        _ difference: PolicyDifference,
        _ from: PolicyNode,
        _ to: PolicyNode,
        _ port: UInt16,
        _ proto: Int
    ) -> (gained: Bool, lost: Bool) {
        let sameUser = !from.isTagged && !to.isTagged && from.user == to.user
        let changes = difference.access.filter { change in
            let fits =
                switch change.scope {
                case .all: true
                case .sameUser: sameUser
                case .otherUsers: !sameUser
                }
            return fits && change.sources.contains(from.name) && change.destinations.contains(to.name)
        }
        func covers(_ words: [String]) -> Bool { words.contains { Self.covers($0, port, proto) } }
        return (changes.contains { covers($0.gained) }, changes.contains { covers($0.lost) })
    }

    /// Whether `22`, `tcp:80-90` or `*` means a port of a protocol.
    private static func covers(_ word: String, _ port: UInt16, _ proto: Int) -> Bool {
        let parts = word.split(separator: ":").map(String.init)
        if parts.count == 2 {
            guard "\(IPProtocol(number: proto).map { "\($0)" } ?? "")" == parts[0] else { return false }
        } else if ![1, 6, 17, 58].contains(proto) {
            return false
        }
        guard let last = parts.last, last != "*" else { return true }
        let ends = last.split(separator: "-").compactMap { UInt16($0) }
        guard let first = ends.first, let end = ends.last else { return false }
        return (first...end).contains(port)
    }

    @Test("a policy changes nothing against itself")
    func same() throws {
        for seed in UInt64(1)...10 {
            var tailnet = RandomTailnet(seed: seed &+ 8000)
            let network = tailnet.network(nodes: 12)
            let engine = PolicyEngine(try tailnet.policy(tailnet.grants()), for: network)
            #expect(engine.difference(to: engine).isEmpty)
        }
    }

    private static let network = PolicyNetwork(
        users: [
            PolicyUser(id: 1, name: "ann", email: "ann@example.com", role: .owner),
            PolicyUser(id: 2, name: "bob", email: "bob@example.com"),
        ],
        nodes: [
            PolicyNode(id: 1, name: "laptop", user: 1, ipv4: IPv4Address("100.64.0.1")),
            PolicyNode(id: 2, name: "phone", user: 1, ipv4: IPv4Address("100.64.0.2")),
            PolicyNode(id: 3, name: "other", user: 2, ipv4: IPv4Address("100.64.0.3")),
            PolicyNode(
                id: 4,
                name: "router",
                tags: ["tag:r"],
                ipv4: IPv4Address("100.64.0.4"),
                announcedRoutes: ["10.0.0.0/8", "0.0.0.0/0"].compactMap { IPPrefix($0) },
                approvedRoutes: ["10.0.0.0/8", "0.0.0.0/0"].compactMap { IPPrefix($0) }
            ),
        ]
    )

    private func changes(_ old: String, _ new: String) throws -> PolicyDifference {
        let engines = try [old, new].map { rules in
            PolicyEngine(
                try PolicyDocument.parse(#"{"tagOwners": {"tag:r": []}, \#(rules)}"#),
                for: Self.network
            )
        }
        return engines[0].difference(to: engines[1])
    }

    @Test("devices of one user are told apart from all others")
    func own() throws {
        let difference = try changes(
            #""grants": []"#,
            #""grants": [{"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["22"]}]"#
        )
        #expect(difference.access.map(\.scope) == [.sameUser])
        #expect(difference.access.first?.gained == ["22"])
        let sources = difference.access.first?.sources ?? []
        #expect(sources.contains("laptop") && sources.contains("phone"))
    }

    @Test("a part of a route and the internet are destinations of their own")
    func routes() throws {
        let narrow = try changes(
            #""grants": [{"src": ["ann@example.com"], "dst": ["10.0.0.0/8"], "ip": ["*"]}]"#,
            #""grants": [{"src": ["ann@example.com"], "dst": ["10.1.0.0/16"], "ip": ["*"]}]"#
        )
        #expect(narrow.access.allSatisfy { $0.gained.isEmpty && $0.lost == ["*"] })
        let lost = Set(narrow.access.flatMap(\.destinations))
        #expect(lost.contains("10.0.0.0/16") && !lost.contains("10.1.0.0/16"), "\(lost)")
        let exit = try changes(
            #""grants": []"#,
            #""grants": [{"src": ["bob@"], "dst": ["autogroup:internet"], "ip": ["*"]}]"#
        )
        #expect(exit.access.flatMap(\.destinations) == ["autogroup:internet"])
        #expect(exit.access.flatMap(\.sources) == ["other"])
    }

    @Test("SSH logins and attributes are told")
    func rest() throws {
        let ssh = try changes(
            #""ssh": [{"action": "accept", "src": ["ann@example.com"], "dst": ["tag:r"], "users": ["root", "deploy"]}]"#,
            #""ssh": [{"action": "check", "src": ["ann@example.com"], "dst": ["tag:r"], "users": ["root"]}]"#
        ).ssh
        #expect(ssh.map(\.gained) == [["root (check)"]])
        #expect(ssh.map(\.lost) == [["deploy", "root"]])
        #expect(ssh.map(\.sources) == [["laptop", "phone"]])
        let attributes = try changes(
            #""nodeAttrs": []"#,
            #""nodeAttrs": [{"target": ["tag:r"], "attr": ["x"]}]"#
        ).attributes
        #expect(attributes.map(\.destinations) == [["router"]])
        #expect(attributes.map(\.gained) == [["x"]])
    }
}
