import Bus
import ControlModel
import Foundation
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Logout and new login of one device by auth key, in every combination.
    @Suite("Logging in again")
    struct LoginAgain {
        @Test(
            "after a logout the same user's key gives the node back: id, addresses and name",
            arguments: [true, false]
        )
        func sameUser(saysOldKey: Bool) async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: user, isReusable: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                let (client, _) = try await system.joined("laptop", key: key)
                let before = try await system.node("laptop")
                try await client.logout()
                try await eventually("the peer has expired") { watcher.view.peer(named: "laptop")?.isExpired == true }
                let answer =
                    saysOldKey
                    ? try await client.renewKey(authKey: key) : try await client.startOver(authKey: key)
                #expect(answer.isMachineAuthorized)
                let after = try await system.node("laptop")
                #expect(after.id == before.id && after.stableID == before.stableID)
                #expect(after.addresses == before.addresses && after.givenName == before.givenName)
                #expect(after.nodeKey == (await client.nodeKey.publicKey))
                #expect(after.nodeKey != before.nodeKey)
                #expect(after.expiry.map { $0 > system.time.now } == true)
                let map = try await client.startMap()
                try await eventually("it sees its peer") { map.view.peers.count == 1 }
                try await eventually("the peer is back") { watcher.view.peer(named: "laptop")?.isExpired != true }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test(
            "after a logout another user's key makes a new node, keeps the old one, and who returns finds theirs again"
        )
        func otherUser() async throws {
            try await LocalSystem.run { system in
                let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
                let alices = try await system.createKey(of: alice, isReusable: true)
                let bobs = try await system.createKey(of: bob, isReusable: true)
                let clients = [
                    try await system.registered("one", key: alices), try await system.registered("two", key: bobs),
                ]
                let (one, two) = (try await system.node("one"), try await system.node("two"))
                for client in clients {
                    try await client.logout()
                    #expect(try await client.startOver(authKey: alices).error == "")
                }
                let nodes = try await system.nodes()
                #expect(nodes.map(\.user) == [alice.id, bob.id, alice.id])
                #expect(nodes.map(\.id).prefix(2) == [one.id, two.id])
                #expect(nodes[1].addresses == two.addresses && nodes[1].isExpired(at: system.time.now))
                #expect(Set(nodes.flatMap(\.addresses)).count == 6)
                try await clients[1].logout()
                #expect(try await clients[1].startOver(authKey: bobs).error == "")
                let back = try #require(try await system.nodes().first { $0.id == two.id })
                #expect(back.nodeKey == (await clients[1].nodeKey.publicKey))
                #expect(back.addresses == two.addresses)
                #expect(try await system.nodes().count == 3)
            }
        }

        @Test("after a logout a key that has ended, was used up, or was deleted does not let the device in again")
        func badKeys() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let request = CreateAuthKey(user: user.id, isReusable: true, isEphemeral: false, expiry: nil)
                let (ended, deleted) = (try await system.ask(request), try await system.ask(request))
                let (soon, late) = (system.time.now.addingTimeInterval(3600), system.time.now.addingTimeInterval(7200))
                let once = try await system.createKey(of: user, expiry: late)
                let brief = try await system.createKey(of: user, isReusable: true, expiry: soon)
                let clients = [
                    (await system.client("zero"), brief, "authkey expired"),
                    (await system.client("one"), ended.secret, "authkey expired"),
                    (await system.client("two"), deleted.secret, "invalid authkey"),
                    (await system.client("three"), once, "authkey already used"),
                ]
                for (client, key, _) in clients {
                    #expect(try await client.register(authKey: key).error == "")
                    // Connected once, it knows that it is in.
                    let map = try await client.startMap()
                    try await eventually("online") { map.view.own != nil }
                }
                try await eventually("all were seen") { try await system.nodes().allSatisfy { $0.lastSeen != nil } }
                _ = try await system.ask(ExpireAuthKey(key: ended.key.id))
                _ = try await system.ask(DeleteAuthKey(key: deleted.key.id))
                for (client, _, _) in clients { try await client.logout() }
                system.time.advance(by: .seconds(3601))
                for (client, key, text) in clients {
                    // With the former node key as well as without.
                    #expect(try await client.renewKey(authKey: key).error == text)
                    #expect(try await client.startOver(authKey: key).error == text)
                    #expect(try await client.startOver().authURL != "")
                }
                #expect(try await system.nodes().allSatisfy { $0.isExpired(at: system.time.now) })
            }
        }

        @Test(
            "a node whose key was deleted or ended connects again, after a restart of both sides too",
            arguments: [true, false]
        )
        func keyIsGone(isDeleted: Bool) async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let made = try await system.ask(
                    CreateAuthKey(user: user.id, isReusable: false, isEphemeral: false, expiry: nil)
                )
                let (client, connected) = try await system.joined("laptop", key: made.secret)
                let before = try await system.node()
                if isDeleted {
                    _ = try await system.ask(DeleteAuthKey(key: made.key.id))
                } else {
                    _ = try await system.ask(ExpireAuthKey(key: made.key.id))
                }
                #expect(connected.snapshot.ending == nil)
                await client.disconnect()
                try await system.restart()
                // A container brings its key each time it starts.
                #expect(try await client.register(authKey: made.secret).isMachineAuthorized)
                #expect(try await client.register().isMachineAuthorized)
                let map = try await client.startMap()
                try await eventually("a map") { map.view.own?.id == before.id.rawValue }
                let after = try await system.node()
                #expect(after.addresses == before.addresses && after.nodeKey == before.nodeKey)
            }
        }

        @Test(
            "a tagged node that logged out comes back by a tagged key, and as a user's by a user's key it is another node"
        )
        func tagged() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: nil, tags: ["tag:a"], isReusable: true)
                let client = try await system.registered("box", key: key)
                let before = try await system.node()
                try await client.logout()
                #expect(try await system.node().isExpired(at: system.time.now))
                #expect(try await client.startOver(authKey: key).isMachineAuthorized)
                let after = try await system.node()
                #expect(after.id == before.id && after.expiry == nil && after.tags == ["tag:a"])
                try await client.logout()
                #expect(try await client.startOver(authKey: system.createKey(of: user)).isMachineAuthorized)
                #expect(try await system.nodes().map(\.user) == [nil, user.id])
            }
        }

        @Test("a new login of a node that is in moves the end of its key; a restart does not")
        func extends() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(
                    of: user,
                    isReusable: true,
                    expiry: system.time.now.addingTimeInterval(86400)
                )
                let (client, _) = try await system.joined("laptop", key: key)
                let first = try #require(try await system.node().expiry)
                system.time.advance(by: .seconds(1800))
                #expect(try await client.register(authKey: key).error == "")
                #expect(try await system.node().expiry == first)
                #expect(try await client.renewKey(authKey: key).error == "")
                let second = try #require(try await system.node().expiry)
                #expect(second.timeIntervalSince(first) >= 1800)
                // By a person, too.
                system.time.advance(by: .seconds(1800))
                let node = try await system.approve(try await client.renewKey().authURL, for: user)
                let third = try #require(node.expiry)
                #expect(third.timeIntervalSince(second) >= 1800)
            }
        }
    }
}
