import Bus
import ControlModel
import Foundation
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Key expiry")
    struct KeyExpiry {
        @Test("a node key that ends is shown as expired to the node and its peers, though nothing else happens")
        func expires() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let (pair, map) = try await system.settledPair("watcher", "laptop")
                let own = try #require(await pair.other.session)
                let expiry = try #require(own.view.own?.keyExpiry)
                #expect(expiry > system.time.now)
                #expect(map.view.peer(named: "laptop")?.isExpired != true)
                system.time.advance(by: .seconds(3601))
                try await eventually("the peer has expired") { map.view.peer(named: "laptop")?.isExpired == true }
                try await eventually("the node knows") { own.view.own?.isExpired == true }
                #expect(map.view.peers.count == 1)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("with an expired key the client is told to make a new one, and keeps its place")
        func renews() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let (pair, map) = try await system.settledPair("watcher", "laptop")
                let before = try #require(map.view.peer(named: "laptop"))
                system.time.advance(by: .seconds(3601))
                #expect(try await pair.other.register().isNodeKeyExpired)
                // The client's next step is a new key, which needs somebody's consent again.
                #expect(try await pair.other.renewKey().isMachineAuthorized == false)
                let user = try #require(try await system.ask(ListUsers()).first)
                let key = try await system.createKey(of: user)
                #expect(try await pair.other.renewKey(authKey: key).error == "")
                let renewed = await pair.other.nodeKey.publicKey
                try await eventually("the peer is back under its new key") {
                    let peer = map.view.peer(named: "laptop")
                    return peer?.key == renewed && peer?.isExpired != true
                }
                let after = try #require(map.view.peer(named: "laptop"))
                #expect(after.id == before.id)
                #expect(after.addresses == before.addresses)
                #expect(after.name == before.name)
            }
        }

        @Test("an administrator ends a key at once, and can take that back")
        func administrator() async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.settledPair("watcher", "laptop")
                let node = try #require(try await system.nodes().first { $0.hostname == "laptop" })
                _ = try await system.ask(SetNodeExpiry(node: node.id, expiry: system.time.now))
                try await eventually("the peer has expired") { map.view.peer(named: "laptop")?.isExpired == true }
                _ = try await system.ask(SetNodeExpiry(node: node.id, expiry: nil))
                try await eventually("the peer is back") { map.view.peer(named: "laptop")?.isExpired != true }
                #expect(map.view.peer(named: "laptop")?.keyExpiry == nil)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test(
            "an end in the future that an administrator sets reaches the node and its peers, and comes true, for that node alone"
        )
        func future() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "laptop")
                let own = try #require(await pair.other.session)
                let node = try await system.node("laptop")
                let end = system.time.now.addingTimeInterval(7200)
                _ = try await system.ask(SetNodeExpiry(node: node.id, expiry: end))
                let isEnd: (Date?) -> Bool = { $0.map { abs($0.timeIntervalSince(end)) < 1 } ?? false }
                try await eventually("the node knows") { isEnd(own.view.own?.keyExpiry) }
                try await eventually("its peer knows") { isEnd(map.view.peer(named: "laptop")?.keyExpiry) }
                #expect(map.view.peer(named: "laptop")?.isExpired != true)
                #expect(try await pair.other.register().isMachineAuthorized)
                system.time.advance(by: .seconds(7201))
                try await eventually("it has ended") { map.view.peer(named: "laptop")?.isExpired == true }
                #expect(try await pair.other.register().isNodeKeyExpired)
                #expect(try await system.node("watcher").expiry == nil)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a tagged node's key does not end")
        func tagged() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let key = try await system.createKey(of: nil, tags: ["tag:server"])
                let (_, map) = try await system.joined("server", key: key)
                #expect(map.view.own?.keyExpiry == nil)
                #expect(map.view.own?.tags == ["tag:server"])
            }
        }

        @Test("a client may end its key sooner, not later")
        func sooner() async throws {
            try await LocalSystem.run(.init(keyLifetime: .seconds(3600))) { system in
                let (client, map) = try await system.joined("laptop")
                let first = try #require(map.view.own?.keyExpiry)
                let sooner = first.addingTimeInterval(-1800)
                #expect(try await client.register(expiry: sooner).error == "")
                try await eventually("it ends sooner") {
                    (map.view.own?.keyExpiry).map { abs($0.timeIntervalSince(sooner)) < 1 } ?? false
                }
                #expect(try await client.register(expiry: first.addingTimeInterval(86400)).error == "")
                let expiry = try #require(try await system.nodes().first?.expiry)
                #expect(abs(expiry.timeIntervalSince(sooner)) < 1)
            }
        }
    }
}
