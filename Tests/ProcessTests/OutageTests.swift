import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Processes {
    /// Twenty seconds without something that others need.
    @Suite("outages", .timeLimit(.minutes(5)))
    struct OutageTests {
        private static let outage = Duration.seconds(20)

        @Test(
            "without PostgreSQL for 20 s clients keep their maps; what was taken is written then, and new ones come in"
        )
        func database() async throws {
            try await SplitSystem.run(.init(relays: 0)) { system in
                let key = try await system.authKey()
                let (first, firstMap) = try await system.joined("first", key: key, through: 0)
                let (_, secondMap) = try await system.joined("second", key: key, through: 1)
                try await eventually("they see each other") {
                    firstMap.view.peer(named: "second")?.isOnline == true
                        && secondMap.view.peer(named: "first")?.isOnline == true
                }
                let back = ContinuousClock.now + Self.outage
                try await system.database.stop()
                // A report is taken at once, whether or not it can be written.
                try await first.update(endpoints: [try #require(IPEndpoint("192.0.2.9:41641"))])
                let newcomer = SimulatedNode(try system.gateways[1].address(), hostname: "newcomer")
                await #expect(throws: SimulatedClientError.self) { try await newcomer.admitted(with: key) }
                try await ContinuousClock().sleep(until: back)
                #expect([firstMap, secondMap].allSatisfy { $0.snapshot.ending == nil })
                #expect([firstMap, secondMap].flatMap(\.snapshot.wentOffline) == [])

                try await system.database.start()
                try await eventually("the report is written and told", within: .seconds(30)) {
                    secondMap.view.peer(named: "first")?.endpoints?.map(\.description) == ["192.0.2.9:41641"]
                }
                try await eventually("a newcomer is let in", within: .seconds(30)) {
                    do {
                        try await newcomer.admitted(with: key)
                        return true
                    } catch is SimulatedClientError {
                        return false
                    }
                }
                for process in system.processes { try await process.waitUntilReady() }
                #expect(try await system.nodes().count == 3)
                #expect([firstMap, secondMap].flatMap(\.snapshot.wentOffline) == [])
                #expect([firstMap, secondMap].flatMap(\.snapshot.faults) == [])
            }
        }

        @Test("without NATS for 20 s clients keep their maps; what changed meanwhile is told afterwards")
        func bus() async throws {
            try await SplitSystem.run(.init(relays: 0)) { system in
                let key = try await system.authKey()
                let (first, firstMap) = try await system.joined("first", key: key, through: 0)
                let (second, secondMap) = try await system.joined("second", key: key, through: 1)
                try await eventually("they see each other") {
                    firstMap.view.peer(named: "second")?.isOnline == true
                        && secondMap.view.peer(named: "first")?.isOnline == true
                }
                let back = ContinuousClock.now + Self.outage
                await system.bus.stop()
                // What a gateway cannot hand on it does not take: the client asks again, as official ones do.
                await #expect(throws: SimulatedClientError.self) {
                    try await first.update(endpoints: [try #require(IPEndpoint("192.0.2.10:41641"))])
                }
                for gateway in system.gateways {
                    try await eventually("\(gateway.name) is ready without the bus") {
                        await gateway.missingChecks() == ["bus"]
                    }
                }
                #expect(await system.policy.failingChecks() == ["bus"])
                // Maps are served from copies.
                await second.disconnect()
                let again = try await second.reconnect()
                try await eventually("a map is served without the bus") { again.view.peer(named: "first") != nil }
                try await ContinuousClock().sleep(until: back)
                #expect(firstMap.snapshot.ending == nil)

                try await system.bus.start()
                for process in system.processes { try await process.waitUntilReady() }
                try await eventually("the client's next try is taken", within: .seconds(30)) {
                    do {
                        try await first.update(endpoints: [try #require(IPEndpoint("192.0.2.10:41641"))])
                        return true
                    } catch is SimulatedClientError {
                        return false
                    }
                }
                try await eventually("and told", within: .seconds(30)) {
                    again.view.peer(named: "first")?.endpoints?.map(\.description) == ["192.0.2.10:41641"]
                }
                let (_, third) = try await system.joined("third", key: key, through: 0)
                try await eventually("a newcomer is told") {
                    again.view.peer(named: "third") != nil && firstMap.view.peer(named: "third") != nil
                }
                #expect(try await system.nodes().filter { !$0.online } == [])
                #expect([firstMap, again].flatMap(\.snapshot.wentOffline) == [])
                #expect([firstMap, again, third].flatMap(\.snapshot.faults) == [])
            }
        }

        @Test("after kill -9 of everything at once all is there again")
        func everything() async throws {
            try await SplitSystem.run(.init(registries: 2)) { system in
                let key = try await system.authKey()
                let crowd = try Crowd(20, name: { "crowd\($0)" }, address: { try system.gateways[$0 % 2].address() })
                try await crowd.register(with: key)
                try await crowd.startMaps()
                let before = try await system.nodes()

                for process in system.processes { try await process.crash() }
                await system.bus.stop()
                try await system.database.crash()
                for process in system.processes { try process.start() }
                try await system.database.start()
                try await system.bus.start()
                for process in system.processes { try await process.waitUntilReady() }

                for node in crowd.nodes { await node.disconnect() }
                try await crowd.startMaps()
                let (_, map) = try await system.joined("late", key: key, through: 1)
                try await eventually("all are online again", within: .seconds(30)) {
                    map.view.peers.values.count { $0.isOnline == true } == 20
                }
                let after = try await system.nodes()
                #expect(Set(after.map(\.identity)).isSuperset(of: before.map(\.identity)))
                #expect(after.count == 21)
                #expect(after.clashes == [])
            }
        }
    }
}
