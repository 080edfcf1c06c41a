import Bus
import ControlModel
import Foundation
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Restart")
    struct Restart {
        @Test("all nodes come back with the same names, addresses and keys, and see each other")
        func everythingIsKept() async throws {
            try await LocalSystem.run { system in
                var clients: [SimulatedNode] = []
                for name in ["one", "two", "three"] { clients.append(try await system.joined(name).client) }
                let before = try await eventually("reports are written", read: system.nodes) { nodes in
                    nodes.allSatisfy { $0.isOnline && !$0.discoKey.isZero }
                }
                try await system.restart()
                for client in clients {
                    let answer = try await client.register()
                    #expect(answer.error == "")
                    #expect(answer.isMachineAuthorized)
                    try await client.startMap()
                }
                for client in clients {
                    let map = try #require(await client.session)
                    try await eventually("all peers are there and online") {
                        map.view.peers.count == 2 && map.view.peers.values.allSatisfy { $0.isOnline == true }
                    }
                    #expect(map.snapshot.faults == [])
                }
                let after = try await system.nodes()
                #expect(after.map(\.id) == before.map(\.id))
                #expect(after.map(\.stableID) == before.map(\.stableID))
                #expect(after.map(\.addresses) == before.map(\.addresses))
                #expect(after.map(\.givenName) == before.map(\.givenName))
                #expect(after.map(\.nodeKey) == before.map(\.nodeKey))
                #expect(after.map(\.discoKey) == before.map(\.discoKey))
            }
        }

        @Test("the server's key, users and used auth keys are kept")
        func keysAreKept() async throws {
            try await LocalSystem.run { system in
                let used = try await system.createKey(of: system.createUser("alice"))
                _ = try await system.registered("first", key: used)
                let serverKey = try await PlainConnection.serverKey(of: system.address, capabilityVersion: 113)
                let users = try await system.ask(ListUsers())
                try await system.restart()
                #expect(try await PlainConnection.serverKey(of: system.address, capabilityVersion: 113) == serverKey)
                #expect(try await system.ask(ListUsers()) == users)
                #expect(try await system.client("second").register(authKey: used).error == "authkey already used")
            }
        }

        @Test("a report made just before the stop is kept")
        func lastReport() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                try await client.update(homeDERP: 901)
                try await system.restart()
                #expect(try await system.nodes().first?.homeDERP == 901)
            }
        }

        @Test("clients are told that the stream ends, and the port is free again")
        func streamsEnd() async throws {
            try await LocalSystem.run { system in
                let (client, map) = try await system.joined("laptop")
                try await system.restart()
                try await eventually("the stream has ended") { map.snapshot.ending != nil }
                let again = try await client.reconnect()
                try await eventually("a map again") { again.view.own?.name == map.view.own?.name }
                #expect(again.view.own?.addresses == map.view.own?.addresses)
            }
        }

        @Test("a node that does not come back after a restart goes offline")
        func awayAfterRestart() async throws {
            let lease = Duration.seconds(30)
            try await LocalSystem.run(.init(gatewayLease: lease)) { system in
                let (stays, _) = try await system.joined("stays")
                let (goes, _) = try await system.joined("goes")
                try await eventually("both are online") { try await system.nodes().allSatisfy(\.isOnline) }
                await goes.disconnect()
                try await system.restart()
                let map = try await stays.reconnect()
                // In two steps, with a report of the gateway between: its own lease must not end.
                system.time.advance(by: lease - .seconds(5))
                let (_, visitor) = try await system.joined("visitor")
                try await eventually("the gateway has reported") { map.view.peer(named: "visitor")?.isOnline == true }
                #expect(map.view.peer(named: "goes")?.isOnline == true)
                system.time.advance(by: LocalSystem.offlineGrace + .seconds(5))
                try await eventually("the peer is offline") { map.view.peer(named: "goes")?.isOnline == false }
                #expect(visitor.view.peer(named: "stays")?.isOnline == true)
                #expect(map.snapshot.faults == [])
            }
        }
    }
}
