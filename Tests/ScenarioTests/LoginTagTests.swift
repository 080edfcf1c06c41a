import Bus
import ControlModel
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Tags by login")
    struct LoginTags {
        @Test(
            "who logs in with tags that they own gets a node with these tags and without user",
            arguments: [["tag:a"], ["tag:b"], ["tag:sub"], ["tag:b", "tag:a"]]
        )
        func owned(asked: [String]) async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let url = try await client.register(tags: asked).authURL
                let node = try await system.admit(client, at: url, for: users.alice)
                #expect(node.tags == asked.sorted() && node.user == nil && node.expiry == nil)
                #expect(node.registerMethod == .cli)
                let map = try await client.startMap()
                try await eventually("its own tags") { map.view.own?.tags == asked.sorted() }
                #expect(map.view.own?.user == User.taggedDevicesID)
            }
        }

        @Test("a tag that the policy does not know is refused at once, by name")
        func unknown() async throws {
            try await LocalSystem.run { system in
                _ = try await system.tagged()
                let answer = try await system.client("box").register(tags: ["tag:a", "tag:none", "tag:other", "x"])
                #expect(answer.error == "requested tags [tag:a tag:none tag:other x] are invalid or not permitted")
                let next = try await system.client("box").register(tags: ["tag:a", "tag:none", "tag:other"])
                #expect(next.error == "requested tags [tag:none tag:other] are invalid or not permitted")
                #expect(next.authURL == "")
                #expect(try await system.ask(ListLogins()).isEmpty)
            }
        }

        @Test(
            "a tag that the user does not own ends the login, and both sides are told which",
            arguments: [["tag:bobs"], ["tag:a", "tag:bobs"], ["tag:nobodys"]]
        )
        func unowned(asked: [String]) async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let url = try await client.register(tags: asked).authURL
                async let held = client.follow(url)
                try await eventually("a held request") { try await system.heldRequests(url) == 1 }
                let text = "requested tags [\(asked.last ?? "")] are invalid or not permitted"
                await #expect {
                    _ = try await system.approve(url, for: users.alice)
                } throws: { error in
                    if case BusError.refused(let failure) = error { failure.message == text } else { false }
                }
                let answer = try await held
                #expect(answer.error == text)
                #expect(try await system.nodes().isEmpty)
                // The device may begin anew, without them.
                let again = try await client.register().authURL
                #expect(again != url && again != "")
                #expect(try await system.admit(client, at: again, for: users.alice).user == users.alice.id)
            }
        }

        @Test("logging in again adds tags, changes them, and takes them away")
        func again() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let first = try await system.admit(
                    client,
                    at: try await client.register(tags: ["tag:a"]).authURL,
                    for: users.alice
                )
                for tags in [["tag:a", "tag:b"], ["tag:b"], ["tag:sub"]] {
                    let url = try await client.renewKey(tags: tags).authURL
                    let node = try await system.admit(client, at: url, for: users.alice)
                    #expect(node.id == first.id && node.addresses == first.addresses)
                    #expect(node.tags == tags && node.user == nil)
                }
                #expect(try await system.nodes().count == 1)
            }
        }

        @Test("logging in again with an empty list gives the node back to the user, with an end of its key")
        func emptyList() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let users = try await system.tagged()
                let (_, watcher) = try await system.joined("watcher", key: try await system.createKey(of: users.bob))
                let client = await system.client("box")
                let first = try await system.admit(
                    client,
                    at: try await client.register(tags: ["tag:a", "tag:b"]).authURL,
                    for: users.alice
                )
                try await eventually("a tagged peer") { watcher.view.peer(named: "box")?.tags == ["tag:a", "tag:b"] }
                let node = try await system.admit(client, at: try await client.renewKey().authURL, for: users.alice)
                #expect(node.id == first.id && node.tags == [] && node.user == users.alice.id)
                #expect(node.expiry != nil)
                try await eventually("a peer of the user") {
                    watcher.view.peer(named: "box")?.user == users.alice.id.rawValue
                        && watcher.view.peer(named: "box")?.tags ?? [] == []
                }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a user's node that logs in with tags becomes a tagged one, in its place")
        func converts() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let first = try await system.admit(client, at: try await client.register().authURL, for: users.alice)
                let url = try await client.renewKey(tags: ["tag:a"]).authURL
                let node = try await system.admit(client, at: url, for: users.alice)
                #expect(node.id == first.id && node.tags == ["tag:a"] && node.user == nil)
            }
        }

        @Test("what an administrator tagged stays so whatever the client says of itself, until it logs in anew")
        func administratorsTags() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let first = try await system.admit(
                    client,
                    at: try await client.register(tags: ["tag:a"]).authURL,
                    for: users.alice
                )
                _ = try await system.ask(SetNodeTags(node: first.id, tags: ["tag:b", "tag:bobs"]))
                for tags in [["tag:a"], [], ["tag:b"]] {
                    #expect(try await client.register(tags: tags).error == "")
                    #expect(try await system.node().tags == ["tag:b", "tag:bobs"])
                }
                // A login that nobody has approved changes nothing either.
                #expect(try await client.renewKey(tags: ["tag:a"]).authURL != "")
                #expect(try await system.node().tags == ["tag:b", "tag:bobs"])
                #expect(try await system.node().nodeKey == first.nodeKey)
            }
        }

        @Test("after a logout the device gets its tagged node again, with the tags it asks for")
        func afterLogout() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let client = await system.client("box")
                let first = try await system.admit(
                    client,
                    at: try await client.register(tags: ["tag:a"]).authURL,
                    for: users.alice
                )
                try await client.logout()
                let same = try await system.admit(
                    client,
                    at: try await client.startOver(tags: ["tag:a"]).authURL,
                    for: users.alice
                )
                #expect(same.id == first.id && same.expiry == nil)
                try await client.logout()
                let other = try await system.admit(
                    client,
                    at: try await client.startOver(tags: ["tag:b"]).authURL,
                    for: users.alice
                )
                #expect(other.id == first.id && other.tags == ["tag:b"])
            }
        }
    }
}
