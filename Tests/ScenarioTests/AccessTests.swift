import Bus
import ControlModel
import TestKit
import Testing

extension Scenarios {
    /// What the packet filters and peers of connected clients come to, all of them together.
    @Suite("Access")
    struct Access {
        private static let tags = #""tagOwners": {"tag:server": [], "tag:db": []}"#

        /// - `policy`: `@a1` is the IPv4 address of that client.
        /// - `open`: who reaches whom at port 80; `peers`: how many peers each client sees.
        struct Rule: Sendable, CustomTestStringConvertible {
            var what: String
            var policy: String
            var open: String
            var peers: [String: Int] = [:]

            var testDescription: String { what }
        }

        private static let rules = [
            Rule(
                what: "everything",
                policy: #""acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]"#,
                open: "a*>a* a*>b* a*>s b*>a* b*>b* b*>s s>a* s>b*",
                peers: ["a1": 4, "b1": 4, "s": 4]
            ),
            Rule(what: "nothing", policy: #""acls": []"#, open: "", peers: ["a1": 0, "b1": 0, "s": 0]),
            Rule(
                what: "one port of another user's devices: they are seen, own ones are not reached",
                policy: #""acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:80"]}]"#,
                open: "a*>b*",
                peers: ["a1": 2, "b1": 2, "s": 0]
            ),
            Rule(
                what: "another port alone: seen, not reached",
                policy: """
                    "groups": {"group:all": ["alice@", "bob@"]},
                    "acls": [{"action": "accept", "src": ["group:all"], "dst": ["group:all:22"]}]
                    """,
                open: "",
                peers: ["a1": 3, "b1": 3, "s": 0]
            ),
            Rule(
                what: "all ports of a user, one way",
                policy: #""acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:*"]}]"#,
                open: "a*>b*"
            ),
            Rule(
                what: "everything for one user",
                policy: #""acls": [{"action": "accept", "src": ["alice@"], "dst": ["*:*"]}]"#,
                open: "a*>a* a*>b* a*>s"
            ),
            Rule(
                what: "hosts by name, a range among them",
                policy: """
                    "hosts": {"all": "100.64.0.0/10", "one": "@b1/32"},
                    "acls": [{"action": "accept", "src": ["one"], "dst": ["all:*"]}]
                    """,
                open: "b1>a* b1>b2 b1>s"
            ),
            Rule(
                what: "a host that is denied by not being named",
                policy: """
                    "hosts": {"first": "@a1/32", "third": "@b1/32"},
                    "acls": [{"action": "accept", "src": ["first"], "dst": ["third:80"]}]
                    """,
                open: "a1>b1"
            ),
            Rule(
                what: "one way from a device to another, by address",
                policy: #""acls": [{"action": "accept", "src": ["@a1"], "dst": ["@s:*"]}]"#,
                open: "a1>s"
            ),
            Rule(
                what: "one way, by user and tag",
                policy: #""acls": [{"action": "accept", "src": ["bob@"], "dst": ["tag:server:*"]}]"#,
                open: "b*>s"
            ),
            Rule(
                what: "one way, by tag and user",
                policy: #""acls": [{"action": "accept", "src": ["tag:server"], "dst": ["alice@:80"]}]"#,
                open: "s>a*"
            ),
            Rule(
                what: "members",
                policy: """
                    "acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:member:*"]}]
                    """,
                open: "a*>a* a*>b* b*>a* b*>b*",
                peers: ["s": 0]
            ),
            Rule(
                what: "tagged devices",
                policy: """
                    "acls": [{"action": "accept", "src": ["autogroup:tagged"], "dst": ["autogroup:tagged:*"]}]
                    """,
                open: "",
                peers: ["a1": 0, "s": 0]
            ),
            Rule(
                what: "own devices, and the server",
                policy: """
                    "acls": [
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]},
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server:80"]}
                    ]
                    """,
                open: "a*>a* b*>b* a*>s b*>s",
                peers: ["a1": 2, "b1": 2, "s": 4]
            ),
        ]

        @Test("a policy opens what it says and nothing else")
        func table() async throws {
            try await LocalSystem.run { system in
                let world = try await AccessWorld(system)
                for rule in Self.rules {
                    try await system.setPolicy("{\(world.withAddresses(rule.policy)), \(Self.tags)}")
                    do {
                        try await world.expect(rule.open)
                        for (name, count) in rule.peers.sorted(by: { $0.key < $1.key }) {
                            try await eventually("peers of \(name)") { try world.map(name).view.peers.count == count }
                        }
                    } catch {
                        Issue.record(error, "\(rule.what)")
                    }
                }
            }
        }

        @Test("policies follow one another while nodes come and go, and all clients come to the same")
        func propagation() async throws {
            try await LocalSystem.run { system in
                var world = try await AccessWorld(system)
                let key = try await system.createKey(of: world.bob, isReusable: true)
                for round in 1...3 {
                    try await system.setPolicy(#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#)
                    try await world.expect("a*>a* a*>b* a*>s b*>a* b*>b* b*>s s>a* s>b*")
                    try await system.setPolicy(
                        #"{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]}"#
                    )
                    try await world.expect("a*>a* b*>b*")
                    try await world.join("b-new\(round)", key: key)
                    try await world.expect("a*>a* b*>b*")
                    try await world.leave("b-new\(round)")
                    try await world.expect("a*>a* b*>b*")
                    try await system.setPolicy(
                        #"{"acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:*"]}]}"#
                    )
                    try await world.expect("a*>b*")
                }
            }
        }

        @Test("after a change of tags a peer stays seen where another rule names it, and is reached at that port alone")
        func tagsAndPorts() async throws {
            try await LocalSystem.run { system in
                let world = try await AccessWorld(system)
                try await system.setPolicy(
                    """
                    {"acls": [
                      {"action": "accept", "src": ["alice@"], "dst": ["tag:server:*"]},
                      {"action": "accept", "src": ["alice@"], "dst": ["tag:db:22"]}
                    ], \(Self.tags)}
                    """
                )
                try await world.expect("a*>s")
                let server = try await system.node("s")
                _ = try await system.ask(SetNodeTags(node: server.id, tags: ["tag:db"]))
                try await world.expect("")
                try await world.expect("a*>s", port: 22)
                #expect(try world.map("a1").view.peer(named: "s") != nil)
            }
        }

        @Test("users that a group names and nobody knows do no harm: before they come, while, and after they went")
        func unknownUsers() async throws {
            try await LocalSystem.run { system in
                var world = try await AccessWorld(system)
                func policy(_ members: String) -> String {
                    """
                    {"groups": {"group:team": [\(members)]},
                     "acls": [{"action": "accept", "src": ["group:team"], "dst": ["tag:server:80"]}], \(Self.tags)}
                    """
                }
                try await system.setPolicy(policy(#""alice@""#))
                try await world.expect("a*>s")
                try await system.setPolicy(policy(#""alice@", "carl@", "nobody@example.com""#))
                try await world.expect("a*>s")
                let carl = try await system.createUser("carl")
                try await world.join("c1", key: try await system.createKey(of: carl))
                try await world.expect("a*>s c1>s")
                try await world.leave("c1")
                _ = try await system.ask(DeleteUser(user: carl.id))
                try await world.expect("a*>s")
                let again = try await system.createUser("carl")
                try await world.join("c2", key: try await system.createKey(of: again))
                try await world.expect("a*>s c2>s")
                try await system.setPolicy(policy(#""alice@""#))
                try await world.expect("a*>s")
            }
        }
    }
}
