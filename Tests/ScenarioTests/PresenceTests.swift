import ControlModel
import Foundation
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Presence")
    struct Presence {
        @Test("a node is online for its peers while it has a map stream")
        func online() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let client = try await system.registered("laptop")
                try await eventually("the peer, not online") { watcher.view.peer(named: "laptop") != nil }
                #expect(watcher.view.peer(named: "laptop")?.isOnline == false)
                try await client.startMap()
                try await eventually("the peer is online") { watcher.view.peer(named: "laptop")?.isOnline == true }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a node that loses its connection is shown offline once the grace is over, not before")
        func offline() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.joined("laptop")
                try await eventually("the peer is online") { watcher.view.peer(named: "laptop")?.isOnline == true }
                let (lostAt, lostUptime) = (system.time.now, system.time.uptime)
                await client.disconnect()
                try await eventually("the peer is offline") {
                    // Slowly, against the registry's ticks: an end too soon would be seen as one.
                    system.time.advance(by: .milliseconds(100))
                    return watcher.view.peer(named: "laptop")?.isOnline == false
                }
                #expect(system.time.uptime - lostUptime >= LocalSystem.offlineGrace)
                let lastSeen = try #require(watcher.view.peer(named: "laptop")?.lastSeen)
                #expect(lastSeen >= lostAt.addingTimeInterval(-1))
                #expect(lastSeen < system.time.now.addingTimeInterval(-5))
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a node that is back within the grace is never shown offline")
        func quickReconnect() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (quick, _) = try await system.joined("quick")
                let (lost, _) = try await system.joined("lost")
                try await eventually("both are online") {
                    watcher.view.peers.count == 2 && watcher.view.peers.values.allSatisfy { $0.isOnline == true }
                }
                let id = try #require(watcher.view.peer(named: "quick")?.id)
                let before = watcher.snapshot.messageCount
                for _ in 0..<5 { try await quick.reconnect() }
                await lost.disconnect()
                try await eventually("the other peer is offline") {
                    system.time.advance(by: .milliseconds(500))
                    return watcher.view.peer(named: "lost")?.isOnline == false
                }
                #expect(watcher.view.peer(named: "quick")?.isOnline == true)
                #expect(!watcher.snapshot.messages(after: before).contains { $0.says(id, isOnline: false) })
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a node that comes back after the grace is shown online again")
        func comesBack() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.joined("laptop")
                try await eventually("the peer is online") { watcher.view.peer(named: "laptop")?.isOnline == true }
                await client.disconnect()
                try await eventually("the peer is offline") {
                    system.time.advance(by: .seconds(1))
                    return watcher.view.peer(named: "laptop")?.isOnline == false
                }
                let map = try await client.reconnect()
                try await eventually("the peer is online again") {
                    watcher.view.peer(named: "laptop")?.isOnline == true
                }
                try await eventually("it sees its peer") { map.view.peer(named: "watcher")?.isOnline == true }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a stream that takes the place of another keeps the node online")
        func replacedStream() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.joined("laptop")
                let (lost, _) = try await system.joined("lost")
                try await eventually("both are online") {
                    watcher.view.peers.count == 2 && watcher.view.peers.values.allSatisfy { $0.isOnline == true }
                }
                let id = try #require(watcher.view.peer(named: "laptop")?.id)
                let before = watcher.snapshot.messageCount
                for _ in 0..<3 { try await client.startMap() }
                await lost.disconnect()
                try await eventually("the other peer is offline") {
                    system.time.advance(by: .milliseconds(500))
                    return watcher.view.peer(named: "lost")?.isOnline == false
                }
                #expect(watcher.view.peer(named: "laptop")?.isOnline == true)
                #expect(!watcher.snapshot.messages(after: before).contains { $0.says(id, isOnline: false) })
            }
        }
    }
}

extension ClientMapResponse {
    /// Whether the message says that of a peer.
    fileprivate func says(_ id: Int64, isOnline: Bool) -> Bool {
        (peersChangedPatch ?? []).contains { $0.node == id && $0.isOnline == isOnline }
            || ((peersChanged ?? []) + (peers ?? [])).contains { $0.id == id && $0.isOnline == isOnline }
            || onlineChange?[Int(id)] == isOnline
    }
}
