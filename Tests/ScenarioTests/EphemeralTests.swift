import Bus
import ControlModel
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Ephemeral nodes")
    struct Ephemeral {
        @Test("one that never connects is gone after half an hour, while one that is connected stays")
        func neverConnected() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: user, isReusable: true, isEphemeral: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                _ = try await system.registered("silent", key: key)
                try await eventually("the silent one is there") { watcher.view.peer(named: "silent") != nil }
                try await eventually("the watcher is online") { try await system.node("watcher").isOnline }
                system.time.advance(by: .seconds(31 * 60))
                try await eventually("the silent one is gone") { watcher.view.peers.isEmpty }
                #expect(try await system.nodes().map(\.hostname) == ["watcher"])
                #expect(watcher.snapshot.ending == nil && watcher.snapshot.faults == [])
            }
        }

        @Test("one that logged out must be let in again as a new node; a key for one use does not do that")
        func logout() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("alice")
                let reusable = try await system.createKey(of: user, isReusable: true, isEphemeral: true)
                let client = try await system.registered("box", key: reusable)
                let before = try await system.node()
                #expect(try await client.logout().error == "")
                #expect(try await system.nodes().isEmpty)
                await #expect(throws: SimulatedClientError.self) { try await client.startMap() }
                #expect(try await client.startOver(authKey: reusable).isMachineAuthorized)
                #expect(try await system.node().id != before.id)
                try await client.logout()
                let once = try await system.createKey(of: user, isEphemeral: true)
                #expect(try await client.startOver(authKey: once).isMachineAuthorized)
                try await client.logout()
                #expect(try await client.startOver(authKey: once).error == "authkey already used")
            }
        }
    }
}
