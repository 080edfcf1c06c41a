import Bus
import ControlModel
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Each case is one of headscale's, whose name it bears in brackets in docs/parity.md.
    @Suite("Tags by auth key")
    struct KeyTags {
        private static func refusal(_ tags: String) -> String {
            "requested tags [\(tags)] are invalid or not permitted"
        }

        @Test("a node gets the tags of its key, whether it asks for them or for none", arguments: [[], ["tag:a"]])
        func inherits(asked: [String]) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, tags: ["tag:a"])
                #expect(try await system.client("box").register(authKey: key, tags: asked).error == "")
                let node = try await system.node()
                #expect(node.tags == ["tag:a"] && node.user == nil)
            }
        }

        @Test(
            "a device that asks a tagged key for other tags is refused by name",
            arguments: [["tag:b"], ["tag:a", "tag:b"], ["tag:none"], ["tag:bobs"]]
        )
        func otherTags(asked: [String]) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                for owner in [users.alice, nil] {
                    let key = try await system.createKey(of: owner, tags: ["tag:a"])
                    let answer = try await system.client("box").register(authKey: key, tags: asked)
                    #expect(answer.error == Self.refusal(asked.joined(separator: " ")))
                    #expect(!answer.isMachineAuthorized)
                }
                #expect(try await system.nodes().isEmpty)
            }
        }

        @Test(
            "a device that asks a key without tags for some is refused, whoever owns them",
            arguments: ["tag:a", "tag:none", "tag:bobs"]
        )
        func taglessKey(asked: String) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice)
                #expect(
                    try await system.client("box").register(authKey: key, tags: [asked]).error == Self.refusal(asked)
                )
                #expect(try await system.nodes().isEmpty)
            }
        }

        @Test("a key without tags makes a node without tags")
        func withoutTags() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice)
                #expect(try await system.client("box").register(authKey: key).error == "")
                let node = try await system.node()
                #expect(node.tags == [] && node.user == users.alice.id)
            }
        }

        @Test(
            "a client that is in cannot add to its tags or change them: it would have to log in",
            arguments: [[], ["tag:a"]],
            [["tag:a", "tag:b"], ["tag:b"], ["tag:sub"]]
        )
        func later(tags: [String], asked: [String]) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, tags: tags)
                let client = await system.client("box")
                try await client.register(authKey: key)
                let before = try await system.node()
                // With the key it has, as a client that starts again, nothing changes.
                #expect(try await client.register(tags: asked).error == "")
                // With a new one, as after `tailscale up --advertise-tags`, it waits for a person.
                #expect(try await client.renewKey(tags: asked).authURL != "")
                let after = try await system.node()
                #expect(after.tags == before.tags && after.user == before.user && after.nodeKey == before.nodeKey)
            }
        }

        @Test(
            "tags that an administrator set survive a restart and a new login with the same key",
            arguments: [false, true]
        )
        func administratorsTagsSurvive(hasTags: Bool) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, tags: hasTags ? ["tag:a"] : [], isReusable: true)
                let client = await system.client("box")
                try await client.register(authKey: key)
                let node = try await system.node()
                _ = try await system.ask(SetNodeTags(node: node.id, tags: ["tag:b", "tag:bobs"]))
                for asked in [[], ["tag:a"], ["tag:b"]] { #expect(try await client.register(tags: asked).error == "") }
                #expect(try await client.register(authKey: key).error == "")
                #expect(try await client.renewKey(authKey: key).error == "")
                let after = try await system.node()
                #expect(after.id == node.id && after.tags == ["tag:b", "tag:bobs"] && after.user == nil)
                #expect(after.nodeKey == (await client.nodeKey.publicKey))
            }
        }

        @Test("a client cannot take away from the tags that an administrator set", arguments: [false, true])
        func administratorsTagsStay(hasTags: Bool) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, tags: hasTags ? ["tag:a"] : [])
                let client = await system.client("box")
                try await client.register(authKey: key)
                let node = try await system.node()
                _ = try await system.ask(SetNodeTags(node: node.id, tags: ["tag:b", "tag:bobs"]))
                #expect(try await client.register(tags: ["tag:b"]).error == "")
                #expect(try await client.renewKey(tags: ["tag:b"]).authURL != "")
                #expect(try await system.node().tags == ["tag:b", "tag:bobs"])
            }
        }

        @Test("a key of nobody gives its tags")
        func ownerless() async throws {
            try await LocalSystem.run { system in
                _ = try await system.tagged()
                let key = try await system.createKey(of: nil, tags: ["tag:a", "tag:nobodys"])
                let (_, map) = try await system.joined("box", key: key)
                #expect(map.view.own?.tags == ["tag:a", "tag:nobodys"])
                #expect(map.view.own?.user == User.taggedDevicesID)
            }
        }

        @Test("a node of a key of nobody becomes a user's by a login that an administrator lets in")
        func convertsToUser() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: nil, tags: ["tag:a"])
                let (client, map) = try await system.joined("box", key: key)
                let before = try await system.node()
                let node = try await system.admit(client, at: try await client.renewKey().authURL, for: users.bob)
                #expect(node.id == before.id && node.addresses == before.addresses)
                #expect(node.user == users.bob.id && node.tags == [])
                #expect(node.registerMethod == .cli)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("another tagged key gives its own tags to the node")
        func anotherKey() async throws {
            try await LocalSystem.run { system in
                _ = try await system.tagged()
                let client = await system.client("box")
                try await client.register(authKey: system.createKey(of: nil, tags: ["tag:a"]))
                let before = try await system.node()
                try await client.renewKey(authKey: system.createKey(of: nil, tags: ["tag:b"]))
                let after = try await system.node()
                #expect(after.id == before.id && after.tags == ["tag:b"])
            }
        }
    }
}
