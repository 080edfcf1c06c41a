import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("a gateway dies", .timeLimit(.minutes(4)))
    struct GatewayDeathTests {
        @Test(
            "kill -9 under 200 nodes: all are back at the other long before the lease ends, and none was told as offline"
        )
        func crowd() async throws {
            try await SplitSystem.run { system in
                let key = try await system.authKey(through: 1)
                let (_, witness) = try await system.joined("witness", key: key, through: 1)
                let crowd = try Crowd(200, name: { "crowd\($0)" }, address: { _ in try system.gateways[0].address() })
                try await crowd.register(with: key)
                try await crowd.startMaps()
                try await eventually("the witness sees all online", within: .seconds(60)) {
                    witness.view.peers.values.count { $0.isOnline == true } == 200
                }
                let before = try await system.nodes(through: 1)
                let left = witness.snapshot.wentOffline

                try await system.gateways[0].crash()
                let other = try system.gateways[1].address()
                await crowd.move(to: other)
                let start = ContinuousClock.now
                try await crowd.startMaps()
                try await eventually("all are back") { await crowd.areConnected() }
                // How fast says more about the machine: ten seconds are the aim.
                print("200 nodes are back after \(ContinuousClock.now - start)")

                // Whoever had not come back by now would go offline with the lease.
                try await eventually("the lease of the dead gateway ends", within: .seconds(60), every: .seconds(1)) {
                    try await system.beats().count == 1
                }
                let now = try await system.nodes(through: 1)
                #expect(now.count == 201)
                #expect(now.filter { !$0.online } == [])
                #expect(Set(now) == Set(before))
                #expect(witness.snapshot.wentOffline == left)
                #expect(witness.snapshot.faults == [])
                #expect(witness.snapshot.ending == nil)
            }
        }

        @Test("a gateway that is cut off from the bus keeps its clients and catches up when it is back")
        func partition() async throws {
            try await SplitSystem.run(.init(relays: 0)) { system in
                let key = try await system.authKey()
                let (near, nearMap) = try await system.joined("near", key: key, through: 0)
                let (_, farMap) = try await system.joined("far", key: key, through: 1)
                try await eventually("they see each other") {
                    nearMap.view.peer(named: "far") != nil && farMap.view.peer(named: "near") != nil
                }

                system.ways[1].cut()
                try await eventually("the gateway knows that it is cut off") {
                    await system.gateways[1].missingChecks() == ["bus"]
                }
                // Its copies are complete: it serves on.
                #expect(await system.gateways[1].failingChecks() == [])
                let (_, lateMap) = try await system.joined("late", key: key, through: 0)
                try await near.update(endpoints: [try #require(IPEndpoint("192.0.2.7:41641"))])
                try await eventually("the change is told where the bus is") {
                    lateMap.view.peer(named: "near")?.endpoints?.map(\.description) == ["192.0.2.7:41641"]
                }
                #expect(farMap.snapshot.ending == nil)
                #expect(farMap.view.peer(named: "late") == nil)

                system.ways[1].mend()
                try await eventually("it catches up", within: .seconds(30)) {
                    farMap.view.peer(named: "late") != nil
                        && farMap.view.peer(named: "near")?.endpoints?.map(\.description) == ["192.0.2.7:41641"]
                }
                try await eventually("its own node is online for all") {
                    nearMap.view.peer(named: "far")?.isOnline == true
                        && lateMap.view.peer(named: "far")?.isOnline == true
                }
                #expect(farMap.snapshot.ending == nil)
                #expect([nearMap, farMap, lateMap].flatMap(\.snapshot.faults) == [])
            }
        }
    }
}
