import Bus
import ControlModel
import Foundation
import Keys
import NIOCore
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Identity")
    struct Identity {
        @Test("a node key of another machine is refused, in registration, map and report")
        func stolenNodeKey() async throws {
            try await LocalSystem.run { system in
                let owner = try await system.registered("owner")
                let thief = SimulatedNode(await system.address, hostname: "thief", nodeKey: await owner.nodeKey)
                let answer = try await thief.register(authKey: system.key())
                #expect(answer.error == "the node key belongs to another machine")
                #expect(!answer.isMachineAuthorized)
                await #expect(throws: SimulatedClientError.self) { try await thief.startMap() }
                await #expect(throws: SimulatedClientError.self) { try await thief.update(homeDERP: 901) }
                let logout = try await thief.logout()
                #expect(logout.error == "the node key belongs to another machine")
                #expect(try await owner.register().isMachineAuthorized)
                let node = try #require(try await system.nodes().first)
                #expect(node.hostname == "owner")
                #expect(node.homeDERP == 0)
                #expect(node.expiry == nil)
            }
        }

        @Test("a node that logs out must log in again, and peers see its key end")
        func logout() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (leaver, own) = try await system.joined("leaver")
                try await eventually("the peer") { watcher.view.peer(named: "leaver") != nil }
                let answer = try await leaver.logout()
                #expect(answer.error == "")
                try await eventually("the peer's key has ended") {
                    watcher.view.peer(named: "leaver")?.isExpired == true
                }
                try await eventually("the node's own key has ended") {
                    (own.view.own?.keyExpiry).map { $0 <= system.time.now } ?? false
                }
                let again = try await leaver.register()
                #expect(again.isNodeKeyExpired)
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("logging in again after a logout keeps node, addresses and name")
        func relogin() async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let before = try #require(try await system.nodes().first)
                try await client.logout()
                let answer = try await client.renewKey(authKey: system.key())
                #expect(answer.error == "")
                #expect(answer.isMachineAuthorized)
                let nodes = try await system.nodes()
                let after = try #require(nodes.first)
                #expect(nodes.count == 1)
                #expect(after.id == before.id)
                #expect(after.stableID == before.stableID)
                #expect(after.addresses == before.addresses)
                #expect(after.givenName == before.givenName)
                #expect(after.nodeKey == (await client.nodeKey.publicKey))
                #expect(after.nodeKey != before.nodeKey)
            }
        }

        @Test("a new node key of a connected node reaches its peers")
        func renewal() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.joined("laptop")
                try await eventually("the peer") { watcher.view.peer(named: "laptop") != nil }
                let key = try await system.key()
                #expect(try await client.renewKey(authKey: key).error == "")
                let renewed = await client.nodeKey.publicKey
                try await eventually("the peer's new key") { watcher.view.peer(named: "laptop")?.key == renewed }
                #expect(watcher.view.peers.count == 1)
                let map = try await client.startMap()
                try await eventually("the map under the new key") { map.view.own?.key == renewed }
                #expect(map.view.peers.count == 1)
            }
        }

        @Test("an ephemeral node is gone at logout, and after it was away too long")
        func ephemeral() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("bob")
                let key = try await system.createKey(of: user, isReusable: true, isEphemeral: true)
                let (_, watcher) = try await system.joined("watcher")
                let (leaver, _) = try await system.joined("leaver", key: key)
                let (sleeper, _) = try await system.joined("sleeper", key: key)
                try await eventually("both peers") { watcher.view.peers.count == 2 }
                try await leaver.logout()
                try await eventually("the leaver is gone") { watcher.view.peers.count == 1 }
                try await eventually("the sleeper is online") { watcher.view.peer(named: "sleeper")?.isOnline == true }
                await sleeper.disconnect()
                try await eventually("the sleeper is offline") {
                    system.time.advance(by: .seconds(1))
                    return watcher.view.peer(named: "sleeper")?.isOnline == false
                }
                system.time.advance(by: .seconds(31 * 60))
                try await eventually("the sleeper is gone") { watcher.view.peers.isEmpty }
                #expect(try await system.nodes().map(\.hostname) == ["watcher"])
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("clients before 1.80 are refused in words they show", arguments: [0, 26, 112])
        func tooOld(version: Int) async throws {
            try await LocalSystem.run { system in
                let address = await system.address
                let key = try await PlainConnection.get("/key?v=\(version)", from: address)
                #expect(key.status == 400)
                #expect(key.text.contains("update it to Tailscale 1.80 or newer"))
                // One that got the key elsewhere is told in the answer to its login, where clients show it.
                let client = await system.client("old")
                var request = RegisterRequest()
                request.version = CapabilityVersion(version)
                request.nodeKey = await client.nodeKey.publicKey
                request.authKey = try await system.key()
                let answer = try await client.request(
                    ControlRequest("POST", "/machine/register", body: request.encoded())
                )
                let decoded = try ClientRegisterResponse.decode(answer.success())
                let text =
                    "this client is too old (capability version \(version)): update it to Tailscale 1.80 or newer"
                #expect(decoded.error == text)
                #expect(!decoded.isMachineAuthorized)
                #expect(try await system.nodes().isEmpty)
            }
        }
    }
}
