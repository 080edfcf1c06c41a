import IPAddresses
import PolicyLanguage
import Testing

@Suite("Parts of the language")
struct LanguageFeatureTests {
    private static func node(
        _ id: Int64,
        user: Int64? = nil,
        tags: [String] = [],
        routes: [String] = [],
        isAvailable: Bool = true,
        os: String? = nil
    ) -> PolicyNode {
        let prefixes = routes.compactMap { IPPrefix($0) }
        return PolicyNode(
            id: id,
            name: "n\(id)",
            user: user,
            tags: tags,
            ipv4: IPv4Address("100.64.0.\(id)"),
            ipv6: IPv6Address("fd7a:115c:a1e0::\(id)"),
            announcedRoutes: prefixes,
            approvedRoutes: prefixes,
            isAvailable: isAvailable,
            attributes: os.map { ["node:os": .string($0)] } ?? [:]
        )
    }

    private static let users = [
        PolicyUser(id: 1, name: "ann", email: "ann@example.com", role: .owner),
        PolicyUser(id: 2, name: "bob", email: "", role: .networkAdmin),
        PolicyUser(id: 3, name: "cid", email: "cid@other.org", role: .auditor),
    ]

    private func engine(_ text: String, _ nodes: [PolicyNode]) throws -> PolicyEngine {
        try PolicyEngine.checked(Array(text.utf8), for: PolicyNetwork(users: Self.users, nodes: nodes))
    }

    @Test(
        "roles and domains say who is meant",
        arguments: [
            ("autogroup:owner", [1]), ("autogroup:admin", [1]), ("autogroup:network-admin", [2]),
            ("autogroup:auditor", [3]),
            ("autogroup:it-admin", []), ("autogroup:billing-admin", []), ("autogroup:member", [1, 2, 3]),
            ("autogroup:members", [1, 2, 3]), ("bob@", [2]), ("ANN@example.com", [1]), ("user:*@example.com", [1]),
            ("autogroup:tagged", [9]), ("autogroup:shared", []),
        ] as [(String, [Int64])]
    )
    func people(name: String, wanted: [Int64]) throws {
        let text =
            #"{"tagOwners": {"tag:t": [], "tag:s": []}, "grants": [{"src": ["\#(name)"], "dst": ["tag:t"], "ip": ["*"]}]}"#
        let nodes = [
            Self.node(1, user: 1), Self.node(2, user: 2), Self.node(3, user: 3), Self.node(8, tags: ["tag:t"]),
            Self.node(9, tags: ["tag:s"]),
        ]
        let found = try engine(text, nodes).peerIDs(of: 8)
        #expect(found == wanted)
    }

    @Test("a domain that is not the tailnet's is refused in the words of the service")
    func foreignDomain() {
        let text =
            #"{"ssh": [{"action": "accept", "src": ["user:*@other.org"], "dst": ["autogroup:self"], "users": ["localpart:*@other.org"]}]}"#
        let error = #expect(throws: PolicyErrors.self) { try engine(text, []) }
        #expect(error?.faults.count == 2)
        #expect(
            error?.faults.first?.message
                == "[ssh] other.org is not associated with this Tailnet and cannot be used in user:*@<domain> expressions"
        )
    }

    @Test("a name of several users is refused")
    func ambiguous() throws {
        let users = [PolicyUser(id: 1, name: "x", email: "a@e.com"), PolicyUser(id: 2, name: "y", email: "A@e.com")]
        let text = #"{"grants": [{"src": ["a@e.com"], "dst": ["*"], "ip": ["*"]}]}"#
        #expect(throws: PolicyErrors.self) {
            try PolicyEngine.checked(Array(text.utf8), for: PolicyNetwork(users: users, nodes: []))
        }
    }

    @Test("IP sets add, remove, and use hosts and each other in any order")
    func ipsets() throws {
        let document = try PolicyDocument.parse(
            """
            {"hosts": {"printer": "10.9.0.1"}, "ipsets": {
              "ipset:all": ["ipset:office", "add host:printer", "remove 10.1.1.0/24"],
              "ipset:office": ["10.1.0.0/16", "add 192.168.0.1-192.168.0.3"]}}
            """
        )
        let ranges = document.ipsets["ipset:all"]?.ranges.map(\.description)
        #expect(ranges == ["10.1.0.0/24", "10.1.2.0-10.1.255.255", "10.9.0.1", "192.168.0.1-192.168.0.3"])
    }

    @Test(
        "postures compare strings, versions and numbers, and absence",
        arguments: [
            ("node:os == 'linux'", true), ("node:os != 'linux'", false), ("node:os IN ['macos', 'linux']", true),
            ("node:os NOT IN ['linux']", false), ("node:v >= '1.60'", true), ("node:v < '1.9'", false),
            ("node:v > '1.60.5'", false), ("custom:tier == 2", true), ("custom:tier <= 1", false),
            ("custom:ok == true", true), ("custom:none IS SET", false), ("custom:none NOT SET", true),
            ("custom:none == 'x'", false), ("node:os IS SET", true),
        ]
    )
    func postures(condition: String, holds: Bool) throws {
        let text =
            #"{"tagOwners": {"tag:t": []}, "postures": {"posture:p": ["\#(condition)"]}, "grants": [{"src": ["*"], "dst": ["tag:t"], "ip": ["*"], "srcPosture": ["posture:p"]}]}"#
        var guest = Self.node(1, user: 1, os: "linux")
        guest.attributes["node:v"] = .string("1.60.2")
        guest.attributes["custom:tier"] = .number(2)
        guest.attributes["custom:ok"] = .bool(true)
        let engine = try engine(text, [guest, Self.node(2, tags: ["tag:t"])])
        #expect(engine.areVisible(1, 2) == holds)
        #expect(engine.packetFilter(of: 2).isEmpty == !holds)
    }

    @Test("an SSH rule with postures lets in whoever has one of them, and follows a change of it")
    func sshPosture() throws {
        let text = """
            {"tagOwners": {"tag:t": []}, "postures": {"posture:p": ["node:os == 'linux'"], "posture:q": ["node:os == 'ios'"]},
             "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["tag:t", "autogroup:self"], "users": ["root"],
                      "srcPosture": ["posture:p", "posture:q"]}]}
            """
        let nodes = [
            Self.node(1, user: 1, os: "linux"), Self.node(2, user: 2, os: "windows"), Self.node(3, tags: ["tag:t"]),
        ]
        var engine = try engine(text, nodes)
        #expect(engine.sshPolicy(of: 3).map(\.principals) == [nodes[0].addresses])
        #expect(engine.sshPolicy(of: 2).isEmpty)
        _ = engine.upsert(Self.node(2, user: 2, os: "ios"))
        engine.settle()
        #expect(engine.sshPolicy(of: 3).map(\.principals) == [(nodes[0].addresses + nodes[1].addresses)])
        #expect(engine.sshPolicy(of: 2).map(\.principals) == [nodes[1].addresses])
        #expect(throws: PolicyErrors.self) {
            try PolicyDocument.parse(text.replacing("\"posture:q\"]", with: "\"posture:none\"]"))
        }
    }

    @Test("attributes, pools and flags reach the nodes they speak of")
    func attributes() throws {
        let text = """
            {"tagOwners": {"tag:t": []}, "randomizeClientPort": true, "OneCGNATRoute": "mac-never", "nodeAttrs": [
              {"target": ["ann@example.com"], "attr": ["funnel", "x"], "ipPool": ["100.81.0.0/16"]},
              {"target": ["tag:t"], "app": {"tailscale.com/app-connectors": [{"name": "c"}]}, "ipPool": ["100.82.0.0/16"]},
            ]}
            """
        let engine = try engine(text, [Self.node(1, user: 1), Self.node(2, tags: ["tag:t"])])
        let one = engine.selfView(of: 1)?.capabilities.map(\.name) ?? []
        #expect(Set(["funnel", "x", "randomize-client-port", "one-cgnat?v=false"]).isSubset(of: one))
        #expect(one == one.sorted())
        let two = engine.selfView(of: 2)?.capabilities ?? []
        #expect(
            two.first { $0.name == "tailscale.com/app-connectors" }?.values?.map(\.description) == [#"{"name":"c"}"#]
        )
        #expect(engine.addressPool(user: 1, tags: []).map(\.description) == ["100.81.0.0/16"])
        #expect(engine.addressPool(user: nil, tags: ["tag:t"]).map(\.description) == ["100.82.0.0/16"])
        #expect(engine.addressPool(user: 2, tags: []).isEmpty)
    }

    @Test("disableIPv4 takes the IPv4 address from everyone")
    func disabledIPv4() throws {
        let engine = try engine(#"{"disableIPv4": true}"#, [Self.node(1, user: 1), Self.node(2, user: 2)])
        #expect(engine.selfView(of: 1)?.allowedIPs.map(\.description) == ["fd7a:115c:a1e0::1/128"])
        #expect(engine.peers(of: 1).map { $0.allowedIPs.map(\.description) } == [["fd7a:115c:a1e0::2/128"]])
    }

    private static let two = """
        {"tagOwners": {"tag:r": [], "tag:s": []}, "grants": [
          {"src": ["*"], "dst": ["*"], "ip": ["*"]}]}
        """

    @Test("a router that cannot be used gives way to the next one")
    func failover() throws {
        func primary(_ first: Bool, _ second: Bool) throws -> [Int64] {
            let routes = ["10.0.0.0/8"]
            let engine = try engine(
                Self.two,
                [
                    Self.node(1, user: 1), Self.node(2, tags: ["tag:r"], routes: routes, isAvailable: first),
                    Self.node(3, tags: ["tag:r"], routes: routes, isAvailable: second),
                ]
            )
            return engine.peers(of: 1).filter { !$0.primaryRoutes.isEmpty }.map(\.id)
        }
        #expect(try primary(true, true) == [2])
        #expect(try primary(false, true) == [3])
        #expect(try primary(false, false) == [2])
    }

    @Test("a grant of capabilities alone with via makes the router visible, without a rule in its filter")
    func viaCapabilities() throws {
        let text = """
            {"tagOwners": {"tag:r": []}, "grants": [{"src": ["ann@example.com"], "dst": ["10.0.0.0/8"],
              "app": {"example.com/cap/x": [{}]}, "via": ["tag:r"]}]}
            """
        let engine = try engine(text, [Self.node(1, user: 1), Self.node(2, tags: ["tag:r"], routes: ["10.1.0.0/16"])])
        #expect(engine.peerIDs(of: 1) == [2])
        #expect(engine.packetFilter(of: 2).isEmpty)
    }

    @Test("exit nodes are seen with their routes by those who may use the internet")
    func exits() throws {
        let text = """
            {"tagOwners": {"tag:e": []}, "autoApprovers": {"exitNode": ["tag:e"]}, "grants": [
              {"src": ["ann@example.com"], "dst": ["autogroup:internet"], "ip": ["*"]},
              {"src": ["bob@"], "dst": ["tag:e"], "ip": ["22"]}]}
            """
        var exit = Self.node(3, tags: ["tag:e"], routes: ["0.0.0.0/0", "::/0"])
        exit.approvedRoutes = []
        let engine = try engine(text, [Self.node(1, user: 1), Self.node(2, user: 2), exit])
        #expect(engine.peers(of: 1).map { $0.allowedIPs.count } == [4])
        #expect(engine.peers(of: 1).first?.capabilities.map(\.name) == ["suggest-exit-node"])
        #expect(engine.peers(of: 2).map { $0.allowedIPs.count } == [2])
        #expect(engine.peers(of: 2).first?.capabilities.isEmpty == true)
    }

    @Test("recorders stand in the action with their addresses")
    func recorders() throws {
        let text = """
            {"tagOwners": {"tag:rec": []}, "ssh": [{"action": "accept", "src": ["autogroup:member"],
              "dst": ["autogroup:self"], "users": ["root"], "recorder": ["tag:rec"], "enforceRecorder": true}]}
            """
        let engine = try engine(text, [Self.node(1, user: 1), Self.node(2, tags: ["tag:rec"])])
        let addresses = ["100.64.0.2", "fd7a:115c:a1e0::2"].compactMap { IPAddress($0) }
        #expect(engine.sshPolicy(of: 1).map(\.action) == [.accept(recorders: addresses, mustRecord: true)])
        #expect(
            engine.report(of: 1, server: "s").description.contains(
                #""recorders":["100.64.0.2:80","[fd7a:115c:a1e0::2]:80"]"#
            )
        )
    }

    @Test("a network file that cannot be read is refused with its place")
    func networkFile() {
        let texts = [
            #"{"nodes": {"a": {"ipv4": "1.2.3"}}}"#, #"{"nodes": {"a": {"user": "nobody"}}}"#,
            #"{"nodes": {"a": {"routable_ips": ["x"]}}}"#, #"{"users": [{"role": "king"}]}"#, "[",
        ]
        for text in texts {
            #expect(throws: PolicyErrors.self, "\(text)") { try PolicyNetwork.parse(Array(text.utf8)) }
        }
    }
}
