import Bus
import ControlModel
import Foundation
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Tags by an administrator")
    struct AdminTags {
        private func isInvalid(_ system: LocalSystem, _ node: Node, _ tags: [String]) async -> String? {
            do {
                _ = try await system.ask(SetNodeTags(node: node.id, tags: tags))
                return nil
            } catch BusError.refused(let failure) where failure.reason == .invalid {
                return failure.message
            } catch {
                return "\(error)"
            }
        }

        @Test("tags that the policy does not know, none, and what is no tag are refused; nothing changes")
        func refused() async throws {
            try await LocalSystem.run { system in
                _ = try await system.tagged()
                _ = try await system.registered("box", key: system.createKey(of: nil, tags: ["tag:a"]))
                let node = try await system.node()
                let unknown = await isInvalid(system, node, ["tag:b", "tag:none"])
                #expect(unknown == "the policy does not know tag:none; add it to tagOwners first")
                let none = await isInvalid(system, node, [])
                #expect(none == "a node keeps one tag at least: without any it would belong to nobody")
                for tag in ["server", "tag:", "tag:1", "tag:a b", "group:team", ""] {
                    let odd = await isInvalid(system, node, [tag])
                    #expect(odd == "\(tag) is not a tag; tags are 'tag:', a letter, then letters, digits and '-'")
                }
                let many = (0..<65).map { "tag:x\($0)" }
                #expect(await isInvalid(system, node, many) == "65 tags are more than 64")
                #expect(try await system.node() == node)
            }
        }

        @Test("without a policy there is no tag to set")
        func withoutPolicy() async throws {
            try await LocalSystem.run { system in
                _ = try await system.registered("box")
                let node = try await system.node()
                #expect(await isInvalid(system, node, ["tag:a"])?.hasPrefix("the policy does not know tag:a") == true)
            }
        }

        @Test("an administrator may set any tag of the policy, whoever owns it")
        func anybodys() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                _ = try await system.registered("box", key: system.createKey(of: users.alice))
                let node = try await system.node()
                let tagged = try await system.ask(SetNodeTags(node: node.id, tags: ["tag:bobs", "tag:a", "tag:bobs"]))
                #expect(tagged.tags == ["tag:a", "tag:bobs"])
                let again = try await system.ask(SetNodeTags(node: node.id, tags: ["tag:nobodys"]))
                #expect(again.tags == ["tag:nobodys"])
            }
        }

        @Test("a tagged node of a user is nobody's, its key no longer ends, and it keeps its place")
        func converts() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, isReusable: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                let (_, map) = try await system.joined("box", key: key)
                try await eventually("the peer") { watcher.view.peer(named: "box")?.user == users.alice.id.rawValue }
                let before = try await system.node("box")
                let after = try await system.ask(SetNodeTags(node: before.id, tags: ["tag:a"]))
                #expect(before.expiry != nil && after.expiry == nil)
                #expect(after.user == nil && after.addresses == before.addresses && after.nodeKey == before.nodeKey)
                try await eventually("the node knows") {
                    map.view.own?.tags == ["tag:a"] && map.view.own?.user == User.taggedDevicesID
                        && map.view.own?.keyExpiry == nil
                }
                try await eventually("its peer knows") {
                    watcher.view.peer(named: "box")?.tags == ["tag:a"]
                        && watcher.view.peer(named: "box")?.user == User.taggedDevicesID
                }
                #expect(watcher.view.profiles[User.taggedDevicesID]?.loginName == "tagged-devices")
                #expect(map.snapshot.faults == [] && watcher.snapshot.faults == [])
                // Who tagged the last node of a user may delete the user.
                #expect(try await system.ask(ListNodes(user: users.alice.id)).map(\.hostname) == ["watcher"])
            }
        }

        @Test("several replacements one after the other show in the node's own view and at its peers at once")
        func replacements() async throws {
            try await LocalSystem.run { system in
                let users = try await system.tagged()
                let key = try await system.createKey(of: users.alice, isReusable: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                let (_, map) = try await system.joined("box", key: key)
                let node = try await system.node("box")
                for tags in [["tag:a"], ["tag:b"], ["tag:a", "tag:b"], ["tag:bobs"], ["tag:a"]] {
                    _ = try await system.ask(SetNodeTags(node: node.id, tags: tags))
                    try await eventually("\(tags) at the node") { map.view.own?.tags == tags }
                    try await eventually("\(tags) at the peer") { watcher.view.peer(named: "box")?.tags == tags }
                }
                #expect(map.snapshot.faults == [] && watcher.snapshot.faults == [])
            }
        }

        @Test("tags decide what the policy lets a node see, as soon as they are set")
        func policy() async throws {
            try await LocalSystem.run { system in
                let alice = try await system.createUser("alice")
                let key = try await system.createKey(of: alice, isReusable: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                let (_, map) = try await system.joined("box", key: key)
                try await system.setPolicy(
                    """
                    {"tagOwners": {"tag:a": [], "tag:b": []},
                     "grants": [{"src": ["alice@"], "dst": ["tag:a"], "ip": ["tcp:443"]}]}
                    """
                )
                try await eventually("nobody sees anybody") { watcher.view.peers.isEmpty && map.view.peers.isEmpty }
                let node = try await system.node("box")
                for (tags, isSeen) in [(["tag:a"], true), (["tag:b"], false), (["tag:a", "tag:b"], true)] {
                    _ = try await system.ask(SetNodeTags(node: node.id, tags: tags))
                    try await eventually("\(tags)") { (watcher.view.peer(named: "box") != nil) == isSeen }
                }
                #expect(map.snapshot.faults == [] && watcher.snapshot.faults == [])
            }
        }

        @Test("a node whose key has ended must log in though it was tagged")
        func expired() async throws {
            try await LocalSystem.run { system in
                _ = try await system.tagged()
                let client = try await system.registered("box", key: system.createKey(of: system.createUser("carl")))
                let node = try await system.node()
                try await client.logout()
                let tagged = try await system.ask(SetNodeTags(node: node.id, tags: ["tag:a"]))
                #expect(tagged.isExpired(at: system.time.now))
                #expect(try await client.register().isNodeKeyExpired)
            }
        }
    }
}
