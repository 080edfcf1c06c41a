import IPAddresses
import PolicyLanguage
import Testing

@Suite("Groups of login providers in policies")
struct ProviderGroupTests {
    private static let rules = #"""
        "tagOwners": {"tag:web": [], "tag:db": []},
        "grants": [{"src": ["group:dev"], "dst": ["tag:web"], "ip": ["*"]},
          {"src": ["group:plain"], "dst": ["tag:db"], "ip": ["*"]}]
        """#
    private static let policy = #"""
        {"groups": {"group:dev": ["ann@example.com", "oidc:developers", "oidc:corp//staff/ops team@x"],
          "group:plain": ["ann@example.com"]}, \#(rules)}
        """#

    private static func user(_ id: Int64, _ groups: [String]) -> PolicyUser {
        PolicyUser(id: id, name: "u\(id)", email: "u\(id)@example.com", groups: groups)
    }

    private static func network(_ groups: [String]...) -> PolicyNetwork {
        let people = groups.enumerated().map { user(Int64($0.offset) + 1, $0.element) }
        let servers = [
            PolicyNode(id: 90, name: "web", tags: ["tag:web"]), PolicyNode(id: 91, name: "db", tags: ["tag:db"]),
        ]
        return PolicyNetwork(
            users: people + [PolicyUser(id: 50, name: "ann", email: "ann@example.com", role: .owner)],
            nodes: people.map { PolicyNode(id: $0.id, name: "n\($0.id)", user: $0.id) } + servers
        )
    }

    @Test("who is in a provider's group that a group names belongs to it; names are compared to the letter")
    func members() throws {
        let network = Self.network(
            ["developers"],
            ["corp//staff/ops team@x", "other"],
            ["Developers"],
            ["corp/developers"],
            ["dev", "group:dev", "plain", "group:plain"],
            []
        )
        let engine = PolicyEngine(try PolicyDocument.parse(Self.policy), for: network)
        #expect(engine.peerIDs(of: 90) == [1, 2])
    }

    @Test("a provider's group of the same name adds nobody to a group that the policy defines")
    func sameName() throws {
        let engine = PolicyEngine(try PolicyDocument.parse(Self.policy), for: Self.network(["plain", "group:plain"]))
        #expect(engine.peerIDs(of: 91).isEmpty)
    }

    @Test("a group that the policy does not define stays unknown, whatever providers have")
    func undefined() {
        let error = #expect(throws: PolicyErrors.self) { try PolicyDocument.parse("{\(Self.rules)}") }
        #expect(error?.faults.map(\.message).contains { $0.contains("group not found: \"group:dev\"") } == true)
    }

    @Test(
        "they stand in groups alone",
        arguments: [
            #"{"groups": {"group:a": ["oidc:"]}}"#, #"{"grants": [{"src": ["oidc:a"], "dst": ["*"], "ip": ["*"]}]}"#,
            #"{"tagOwners": {"tag:a": ["oidc:a"]}}"#, #"{"groups": {"group:a": ["group:oidc:a"]}}"#,
        ]
    )
    func refused(text: String) {
        #expect(throws: PolicyErrors.self) { try PolicyDocument.parse(text) }
    }

    @Test("somebody who comes into a group and goes again changes the nodes concerned, others and other groups nothing")
    func changes() throws {
        var engine = PolicyEngine(try PolicyDocument.parse(Self.policy), for: Self.network([], []))
        let joined = engine.upsert(Self.user(1, ["developers"]))
        engine.settle()
        #expect(engine.nodesWithChangedPeers(joined) == [1, 90])
        #expect(engine.peerIDs(of: 90) == [1])
        let other = engine.upsert(Self.user(1, ["developers", "of no interest"]))
        #expect(engine.nodesWithChangedPeers(other).isEmpty && other.changedNodes.isEmpty)
        let left = engine.upsert(Self.user(1, ["of no interest"]))
        engine.settle()
        #expect(engine.nodesWithChangedPeers(left) == [1, 90])
        #expect(engine.peerIDs(of: 90).isEmpty)
    }

    @Test("routes, tests and network files know them")
    func elsewhere() throws {
        let text = #"""
            {"groups": {"group:net": ["oidc:net"], "group:unused": ["oidc:unused"]}, "tagOwners": {"tag:t": []},
            "autoApprovers": {"routes": {"10.0.0.0/8": ["group:net"]}},
            "grants": [{"src": ["group:net"], "dst": ["tag:t"], "ip": ["22"]}],
            "tests": [{"src": "group:net", "accept": ["tag:t:22"], "deny": ["tag:t:23"]},
              {"src": "group:unused", "deny": ["tag:t:22"]}]}
            """#
        let file = #"""
            {"users": [{"name": "a", "email": "a@e.com", "groups": ["net"]}, {"name": "b", "groups": ["unused"]}],
            "nodes": {"r": {"id": 1, "user": "a", "ipv4": "100.64.0.1", "routable_ips": ["10.1.0.0/16"]},
              "q": {"id": 2, "user": "b", "ipv4": "100.64.0.2", "routable_ips": ["10.2.0.0/16"]}}}
            """#
        let engine = try PolicyEngine.checked(Array(text.utf8), for: PolicyNetwork.parse(Array(file.utf8)))
        #expect(engine.routes(of: 1).map(\.description) == ["10.1.0.0/16"])
        #expect(engine.routes(of: 2).isEmpty)
    }
}
