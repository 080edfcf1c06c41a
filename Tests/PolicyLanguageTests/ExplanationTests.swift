import IPAddresses
import PolicyLanguage
import Testing

@Suite("Explanations and tests of a policy")
struct ExplanationTests {
    private static let text = """
        {
          "groups": {"group:dev": ["a@example.com"]},
          "tagOwners": {"tag:db": [], "tag:web": [], "tag:router": [], "tag:idle": []},
          "postures": {"posture:linux": ["node:os == 'linux'"]},
          "grants": [
            {"src": ["group:dev"], "dst": ["tag:db"], "ip": ["tcp:5432"]},
            {"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]},
            {"src": ["group:dev"], "dst": ["10.0.0.0/8"], "ip": ["*"], "via": ["tag:router"]},
            {"src": ["autogroup:member"], "dst": ["tag:web"], "ip": ["443"], "srcPosture": ["posture:linux"]},
          ],
          "ssh": [
            {"action": "check", "src": ["group:dev"], "dst": ["tag:db"], "users": ["root"]},
            {"action": "accept", "src": ["group:dev"], "dst": ["tag:db"], "users": ["autogroup:nonroot"]},
          ],
          %MORE%
        }
        """

    private static let network = PolicyNetwork(
        users: [
            PolicyUser(id: 1, name: "a", email: "a@example.com", role: .owner),
            PolicyUser(id: 2, name: "b", email: "b@example.com"), PolicyUser(id: 3, name: "c", email: "c@example.com"),
        ],
        nodes: [
            PolicyNode(
                id: 1,
                name: "pc",
                user: 1,
                ipv4: IPv4Address("100.64.0.1"),
                attributes: ["node:os": .string("linux")]
            ),
            PolicyNode(id: 2, name: "phone", user: 1, ipv4: IPv4Address("100.64.0.2")),
            PolicyNode(id: 3, name: "other", user: 2, ipv4: IPv4Address("100.64.0.3")),
            PolicyNode(id: 4, name: "db", tags: ["tag:db"], ipv4: IPv4Address("100.64.0.4")),
            PolicyNode(id: 5, name: "web", tags: ["tag:web"], ipv4: IPv4Address("100.64.0.5")),
        ]
    )

    private func engine(_ more: String = "") throws -> PolicyEngine {
        let text = Self.text.split(separator: "%MORE%", maxSplits: 1)
        return PolicyEngine(try PolicyDocument.parse(text[0] + more + text[1]), for: Self.network)
    }

    private func explain(
        _ from: String,
        _ to: String,
        _ port: UInt16,
        _ proto: IPProtocol? = nil
    ) throws -> AccessDecision {
        let source = try #require(IPAddress(from))
        let destination = try #require(IPAddress(to))
        return try engine().explain(
            AccessQuestion(source: source, destination: destination, port: port, protocol: proto)
        )
    }

    @Test("an allowed packet is told with its rule, line, group and tag")
    func allowed() throws {
        let decision = try explain("100.64.0.1", "100.64.0.4", 5432)
        #expect(decision.isAllowed)
        #expect(decision.rule?.section == .grants)
        #expect(decision.rule?.index == 0)
        #expect(decision.rule?.position.line == 6)
        #expect(decision.sourceName == .group("group:dev"))
        #expect(decision.destinationName == .tag("tag:db"))
        #expect(decision.reason == "allowed by grants[0] at line 6: group:dev -> tag:db")
    }

    @Test("own devices reach each other, others do not")
    func own() throws {
        #expect(try explain("100.64.0.1", "100.64.0.2", 9).destinationName == .autogroup(.own))
        #expect(try explain("100.64.0.3", "100.64.0.2", 9).isAllowed == false)
    }

    @Test("a refused packet is told with the nearest rule and what it lacks")
    func refused() throws {
        let cases: [(String, String, UInt16, IPProtocol?, Int, String)] = [
            ("100.64.0.1", "100.64.0.4", 22, nil, 0, "it does not hold for this port"),
            ("100.64.0.1", "100.64.0.4", 5432, IPProtocol(number: 17), 0, "it does not hold for this protocol"),
            ("100.64.0.3", "100.64.0.5", 443, nil, 3, "the source does not fulfil posture:linux"),
            ("100.64.0.1", "10.1.1.1", 22, nil, 2, "no node with tag:router has an approved route to it"),
            ("100.64.0.4", "100.64.0.5", 443, nil, 3, "the source is not in"),
        ]
        for (from, to, port, proto, index, reason) in cases {
            let decision = try explain(from, to, port, proto)
            #expect(!decision.isAllowed)
            #expect(decision.rule?.index == index, "\(from) -> \(to): \(decision.reason)")
            #expect(decision.reason.contains(reason), "\(decision.reason)")
        }
        #expect(try explain("8.8.8.8", "9.9.9.9", 1).reason == "no rule names the source or the destination")
    }

    @Test("what an explanation allows is what the filter of the destination allows")
    func agreement() throws {
        let engine = try engine()
        #expect(engine.packetFilter(of: 5).map(\.sources.strings) == [["100.64.0.1"]])
        #expect(try explain("100.64.0.1", "100.64.0.5", 443).isAllowed)
        #expect(try explain("100.64.0.2", "100.64.0.5", 443).isAllowed == false)
    }

    @Test("an empty list of rules denies, no list allows")
    func empty() throws {
        for (text, isAllowed) in [
            ("{}", true), ("", true), ("// nothing\n{}", true), (#"{"acls": []}"#, false), (#"{"grants": []}"#, false),
        ] {
            let engine = PolicyEngine(try PolicyDocument.parse(text), for: Self.network)
            let (one, other) = (try #require(IPAddress("100.64.0.1")), try #require(IPAddress("100.64.0.4")))
            #expect(engine.explain(AccessQuestion(source: one, destination: other, port: 1)).isAllowed == isAllowed)
            #expect(engine.areVisible(1, 4) == isAllowed)
        }
    }

    private func failures(_ more: String) throws -> [String] {
        try engine(more).testFaults().map(\.message)
    }

    @Test(
        "tests that hold say nothing",
        arguments: [
            #"{"src": "a@example.com", "accept": ["tag:db:5432"], "deny": ["tag:db:22", "tag:idle:1"]}"#,
            #"{"src": "group:dev", "proto": "tcp", "accept": ["100.64.0.4:5432"]}"#,
            #"{"src": "c@example.com", "deny": ["tag:db:5432"]}"#, #"{"src": "tag:idle", "deny": ["tag:db:5432"]}"#,
        ]
    )
    func kept(test: String) throws {
        #expect(try failures(#""tests": [\#(test)],"#) == [])
    }

    @Test(
        "tests that fail name source, destination, expected and got",
        arguments: [
            (
                #"{"src": "b@example.com", "accept": ["tag:db:5432"]}"#,
                "b@example.com -> tag:db:5432: expected ALLOWED, got DENIED"
            ),
            (
                #"{"src": "a@example.com", "deny": ["tag:db:5432"]}"#,
                "a@example.com -> tag:db:5432: expected DENIED, got ALLOWED"
            ),
            (#"{"src": "a@example.com", "proto": "udp", "accept": ["tag:db:5432"]}"#, "expected ALLOWED, got DENIED"),
            (#"{"src": "a@example.com", "accept": ["tag:db:1-2"]}"#, "a test needs a single port"),
            (#"{"src": "a@example.com", "accept": ["tag:db:*"]}"#, "a test needs a single port"),
            (#"{"src": "a@example.com", "accept": ["tag:db:99999"]}"#, "invalid first integer"),
            (#"{"src": "a@example.com", "accept": ["100.64.0.4/32:22"]}"#, "an address, not a prefix"),
            (#"{"src": "a@example.com", "accept": ["autogroup:internet:22"]}"#, "cannot be tested"),
            (#"{"src": "a@example.com", "accept": ["tag:none:22"]}"#, #"tag not found: "tag:none""#),
            (#"{"src": "x@example.com", "accept": ["tag:db:22"]}"#, "names no user or node"),
            (#"{"accept": ["tag:db:22"]}"#, "test has no src"), (#"{"src": "a@example.com"}"#, "no accept and no deny"),
            (#"{"src": "a@example.com", "proto": "icmp", "accept": ["tag:db:22"]}"#, "cannot be tested"),
        ]
    )
    func broken(test: String, message: String) throws {
        let found = try failures(#""tests": [\#(test)],"#)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("test(s) failed: ") == true)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test(
        "SSH tests",
        arguments: [
            (#"{"src": "a@example.com", "dst": ["tag:db"], "check": ["root"], "accept": ["alice"]}"#, ""),
            (#"{"src": "b@example.com", "dst": ["tag:db"], "deny": ["root", "alice"]}"#, ""),
            (#"{"src": "group:dev", "dst": ["100.64.0.4"], "check": ["root"]}"#, ""),
            (
                #"{"src": "a@example.com", "dst": ["tag:db"], "accept": ["root"]}"#,
                "as root: expected ACCEPT, got CHECK"
            ),
            (
                #"{"src": "b@example.com", "dst": ["tag:db"], "accept": ["root"]}"#,
                "b@example.com -> tag:db as root: expected ACCEPT, got DENIED"
            ),
            (#"{"src": "a@example.com", "dst": ["tag:db"]}"#, "no accept, no deny and no check"),
            (#"{"src": "a@example.com", "dst": ["100.64.0.99"], "deny": ["root"]}"#, "names no node"),
            (#"{"src": "a@example.com", "accept": ["root"]}"#, "has no dst"),
        ]
    )
    func sshTests(test: String, message: String) throws {
        let found = try failures(#""sshTests": [\#(test)],"#)
        if message.isEmpty { return #expect(found == []) }
        #expect(found.count == 1 && found[0].hasPrefix("test(s) failed") && found[0].contains(message), "\(found)")
    }
}
