import Bus
import ControlModel
import Keys
import TailcfgWire
import TestKit
import Testing

extension LocalSystem {
    /// Makes `alice` and `bob`, and a policy by which everybody sees everybody and each owns some tags.
    func tagged() async throws -> (alice: User, bob: User) {
        let users = (alice: try await createUser("alice"), bob: try await createUser("bob"))
        try await setPolicy(
            """
            {
                "groups": {"group:team": ["alice@"]},
                "tagOwners": {
                    "tag:a": ["alice@"], "tag:b": ["group:team"], "tag:sub": ["tag:a"],
                    "tag:bobs": ["bob@"], "tag:nobodys": [],
                },
                "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}],
            }
            """
        )
        return users
    }

    /// The only node, or the one of that name.
    func node(_ name: String? = nil) async throws -> Node {
        let nodes = try await nodes().filter { name == nil || $0.givenName == name || $0.hostname == name }
        try #require(nodes.count == 1)
        return nodes[0]
    }

    /// Lets the device at `authURL` in, and expects that it is told so.
    func admit(_ client: SimulatedNode, at authURL: String, for user: User) async throws -> Node {
        let node = try await approve(authURL, for: user)
        try #require(try await client.follow(authURL).isMachineAuthorized)
        return node
    }
}
