import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Map streams that move", .only(in: .split, because: "there is one gateway in the other shape"))
    struct MovedStreams {
        @Test("whichever gateway a client comes back at, its older stream ends there and it stays online")
        func moves() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, first) = try await system.joined("laptop")
                let (lost, _) = try await system.joined("lost")
                try await eventually("both are online") {
                    watcher.view.peers.count == 2 && watcher.view.peers.values.allSatisfy { $0.isOnline == true }
                }
                let id = try #require(watcher.view.peer(named: "laptop")?.id)
                let addresses = [await system.address, await system.address]
                var (holders, current) = ([client], first)
                for round in 1...6 {
                    try await system.untilStreamsAreKnown()
                    // Its connection to the other gateway stays, as when a network loses packets without a word.
                    let holder = SimulatedNode(
                        addresses[round % 2],
                        hostname: "laptop",
                        machineKey: client.machineKey,
                        nodeKey: await client.nodeKey
                    )
                    let next = try await holder.startMap()
                    try await eventually("stream \(round) has ended") { current.snapshot.ending == .endStream }
                    try await eventually("stream \(round + 1) has its map") { next.view.own?.id == id }
                    (holders, current) = (holders + [holder], next)
                }
                await lost.disconnect()
                try await eventually("the other peer is offline") {
                    system.time.advance(by: .milliseconds(500))
                    return watcher.view.peer(named: "lost")?.isOnline == false
                }
                #expect(watcher.view.peer(named: "laptop")?.isOnline == true)
                #expect(!watcher.snapshot.wentOffline.contains(id))
                #expect(current.snapshot.ending == nil)
                #expect(current.snapshot.faults == [])
                for holder in holders { await holder.disconnect() }
            }
        }

        @Test("two clients with the keys of one node take turns, and neither keeps the other out")
        func twins() async throws {
            try await LocalSystem.run { system in
                let (client, first) = try await system.joined("laptop")
                let addresses = [await system.address, await system.address]
                let nodeKey = await client.nodeKey
                let twins = addresses.map {
                    SimulatedNode($0, hostname: "laptop", machineKey: client.machineKey, nodeKey: nodeKey)
                }
                // At the same time, so that neither gateway may have heard of the other's.
                async let one = twins[0].startMap()
                async let two = twins[1].startMap()
                let sessions = try await [one, two]
                try await eventually("one of the two, and the first, have ended") {
                    first.snapshot.ending != nil && sessions.count { $0.snapshot.ending == nil } == 1
                }
                let loser = sessions[0].snapshot.ending == nil ? 1 : 0
                try await system.untilStreamsAreKnown()
                let again = try await twins[loser].startMap()
                try await eventually("the other has ended") { sessions[1 - loser].snapshot.ending == .endStream }
                #expect(again.snapshot.ending == nil)
            }
        }
    }
}
