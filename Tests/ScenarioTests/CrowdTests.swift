import ControlModel
import Foundation
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Crowd")
    struct Crowd {
        /// What one node is told of another, but for what changes by itself.
        private struct Seen: Hashable {
            var id: Int64
            var name: String
            var key: NodePublicKey
            var disco: DiscoPublicKey?
            var homeDERP: Int?
            var isOnline: Bool?

            init(_ node: ClientNode) {
                id = node.id
                name = node.name
                key = node.key
                disco = node.discoKey
                homeDERP = node.homeDERP
                isOnline = node.isOnline
            }
        }

        @Test("sixty nodes that join at once all come to the same view of each other")
        func convergence() async throws {
            let count = 60
            try await LocalSystem.run { system in
                let key = try await system.key()
                var clients: [SimulatedNode] = []
                for number in 0..<count { clients.append(await system.client("node\(number)")) }
                try await withThrowingTaskGroup { group in
                    for (number, client) in clients.enumerated() {
                        group.addTask {
                            try await client.register(authKey: key)
                            try await client.startMap(.init(isCompressed: !number.isMultiple(of: 3)))
                            try await client.update(homeDERP: 901)
                        }
                    }
                    try await group.waitForAll()
                }
                var maps: [MapSession] = []
                for client in clients { maps.append(try #require(await client.session)) }
                for map in maps {
                    try await eventually("all peers, online and at home", within: .seconds(30)) {
                        let peers = map.view.peers.values
                        return peers.count == count - 1
                            && peers.allSatisfy { $0.isOnline == true && $0.homeDERP == 901 }
                    }
                }
                var seen: [Int64: Set<Seen>] = [:]
                for map in maps {
                    for peer in map.view.peers.values { seen[peer.id, default: []].insert(Seen(peer)) }
                    #expect(map.snapshot.faults == [])
                }
                #expect(seen.count == count)
                #expect(seen.values.allSatisfy { $0.count == 1 })
                let rows = Set(try await system.nodes().map { "\($0.givenName).\(LocalSystem.baseDomain)." })
                #expect(Set(seen.values.flatMap { $0.map(\.name) }) == rows)
            }
        }

        @Test("nodes that come and go at once leave nothing behind in anybody's view")
        func churn() async throws {
            try await LocalSystem.run { system in
                let user = try await system.createUser("bob")
                let key = try await system.createKey(of: user, isReusable: true, isEphemeral: true)
                let (_, watcher) = try await system.joined("watcher")
                let (_, other) = try await system.joined("other")
                try await withThrowingTaskGroup { group in
                    for number in 0..<20 {
                        let client = await system.client("guest\(number)")
                        group.addTask {
                            try await client.register(authKey: key)
                            try await client.startMap()
                            try await client.update(homeDERP: 901)
                            try await client.logout()
                            await client.disconnect()
                        }
                    }
                    try await group.waitForAll()
                }
                for map in [watcher, other] {
                    try await eventually("only the two are left") { map.view.peers.count == 1 }
                    #expect(map.snapshot.faults == [])
                }
                #expect(try await system.nodes().count == 2)
            }
        }

        @Test("a node that comes back often sees the same network each time")
        func reconnects() async throws {
            try await LocalSystem.run { system in
                for number in 0..<4 { _ = try await system.joined("peer\(number)") }
                let (client, first) = try await system.joined("laptop")
                for _ in 0..<10 {
                    let map = try await client.reconnect()
                    try await eventually("the whole network") { map.view.peers.count == 4 }
                    #expect(map.view.own?.id == first.view.own?.id)
                    #expect(map.snapshot.faults == [])
                }
            }
        }
    }
}
