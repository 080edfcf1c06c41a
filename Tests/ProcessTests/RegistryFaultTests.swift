import Foundation
import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("registries die and race", .timeLimit(.minutes(5)))
    struct RegistryFaultTests {
        @Test(
            "kill -9 of a registry among 200 registrations: each that was let in is there, none twice",
            arguments: [1, 2]
        )
        func death(registries: Int) async throws {
            try await SplitSystem.run(.init(registries: registries, relays: 0)) { system in
                let key = try await system.authKey()
                let crowd = try Crowd(200, name: { "crowd\($0)" }, address: { try system.gateways[$0 % 2].address() })
                try await withThrowingTaskGroup { group in
                    group.addTask { try await crowd.register(with: key) }
                    try await eventually("some are in", within: .seconds(60), every: .milliseconds(20)) {
                        try await system.gateways.asyncSum { gateway in
                            try await gateway.metric("gateway_registrations_total{result=\"registered\"}")
                        } >= 40
                    }
                    try await system.registries[0].crash()
                    if registries == 1 { try system.registries[0].start() }
                    try await group.waitForAll()
                }
                let nodes = try await system.nodes()
                #expect(Set(nodes.map(\.name)) == Set((0..<200).map { "crowd\($0)" }))
                #expect(nodes.count == 200)
                #expect(nodes.clashes == [])
                try await crowd.startMaps()
                try await eventually("all have their maps") { await crowd.areConnected() }
            }
        }

        @Test("two registries give each address, name and single-use key to one node")
        func races() async throws {
            try await SplitSystem.run(.init(registries: 2, relays: 0)) { system in
                let reusable = try await system.authKey()
                let crowd = try Crowd(60, name: { _ in "same" }, address: { try system.gateways[$0 % 2].address() })
                try await crowd.register(with: reusable)
                let nodes = try await system.nodes()
                #expect(nodes.count == 60)
                #expect(nodes.clashes == [])
                for registry in system.registries {
                    #expect(try await registry.metric("registry_registrations_total{outcome=\"registered\"}") > 0)
                }

                let single = try await system.authKey(isReusable: false)
                let rivals = try Crowd(20, name: { "rival\($0)" }, address: { try system.gateways[$0 % 2].address() })
                let winners = try await withThrowingTaskGroup(of: Int.self) { group in
                    for node in rivals.nodes {
                        group.addTask { try await node.register(authKey: single).error == "" ? 1 : 0 }
                    }
                    return try await group.reduce(0, +)
                }
                #expect(winners == 1)
                #expect(try await system.nodes().count { $0.name.hasPrefix("rival") } == 1)
            }
        }

        @Test("clocks that jump by an hour mark nobody offline", arguments: [3600, -3600])
        func clocks(step: Int64) async throws {
            let clock = try SteppedClock()
            try await SplitSystem.run(.init(relays: 0, environment: clock.environment)) { system in
                let key = try await system.authKey()
                let (_, first) = try await system.joined("first", key: key, through: 0)
                let (_, second) = try await system.joined("second", key: key, through: 1)
                try await eventually("they see each other online") {
                    first.view.peer(named: "second")?.isOnline == true
                        && second.view.peer(named: "first")?.isOnline == true
                }
                try clock.step(seconds: step)
                let (_, third) = try await system.joined("third", key: key, through: 0)
                try await eventually("who comes after the step is online for all") {
                    [first, second].allSatisfy { $0.view.peer(named: "third")?.isOnline == true }
                }
                // Presence goes by reports; several more of each gateway come in before this says anything.
                let beats = try await system.beats()
                try await eventually(
                    "gateways go on reporting",
                    within: .seconds(60),
                    every: .seconds(1),
                    read: system.beats
                ) { now in
                    now.count == beats.count && zip(now, beats).allSatisfy { $0 >= $1 + 2 }
                }
                #expect([first, second, third].flatMap(\.snapshot.wentOffline) == [])
                #expect(try await system.nodes().filter { !$0.online } == [])
            }
        }
    }
}

extension [ServiceProcess] {
    fileprivate func asyncSum(_ value: (ServiceProcess) async throws -> Double) async rethrows -> Double {
        var sum = 0.0
        for process in self { sum += try await value(process) }
        return sum
    }
}
