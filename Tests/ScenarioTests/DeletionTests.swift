import Bus
import ControlModel
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Deletion")
    struct Deletion {
        @Test("a deleted node's stream ends and its peers forget it")
        func deleted() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "goner")
                let goner = try #require(await pair.other.session)
                let node = try #require(try await system.nodes().first { $0.hostname == "goner" })
                let before = map.snapshot.messageCount
                _ = try await system.ask(DeleteNode(node: node.id))
                try await eventually("the stream has ended") { goner.snapshot.ending == .endStream }
                #expect(goner.view.own?.isExpired == true)
                #expect(goner.view.own?.keyExpiry.map { $0 < system.time.now } == true)
                try await eventually("the peer is gone") { map.view.peers.isEmpty }
                let news = map.snapshot.messages(after: before)
                #expect(news.contains { $0.peersRemoved == [node.id.rawValue] })
                #expect(map.snapshot.ending == nil)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a deleted node gets no map, may not report, and must be admitted anew")
        func comesBack() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "goner")
                let client = pair.other
                let node = try #require(try await system.nodes().first { $0.hostname == "goner" })
                _ = try await system.ask(DeleteNode(node: node.id))
                try await eventually("the peer is gone") { map.view.peers.isEmpty }
                await #expect(throws: SimulatedClientError.self) { try await client.startMap() }
                await #expect(throws: SimulatedClientError.self) { try await client.update(homeDERP: 901) }
                #expect(try await client.register().authURL != "")
                #expect(try await client.register(authKey: system.key()).error == "")
                let again = try await client.startMap()
                try await eventually("a map again") { again.view.own != nil }
                #expect(again.view.own?.id != node.id.rawValue)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("many nodes deleted at once are forgotten by all that stay")
        func many() async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined("watcher")
                for number in 0..<8 { _ = try await system.joined("goner\(number)") }
                try await eventually("all are there") { map.view.peers.count == 8 }
                for node in try await system.nodes() where node.hostname != "watcher" {
                    _ = try await system.ask(DeleteNode(node: node.id))
                }
                try await eventually("all are gone") { map.view.peers.isEmpty }
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("deleting a node twice says so the second time")
        func twice() async throws {
            try await LocalSystem.run { system in
                _ = try await system.registered("goner")
                let node = try #require(try await system.nodes().first)
                _ = try await system.ask(DeleteNode(node: node.id))
                do {
                    _ = try await system.ask(DeleteNode(node: node.id))
                    Issue.record("the second deletion went through")
                } catch BusError.refused(let failure) {
                    #expect(failure.reason == .notFound)
                }
            }
        }
    }
}
