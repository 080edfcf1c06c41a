import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Processes {
    @Suite("routers at several gateways", .timeLimit(.minutes(4)))
    struct RouterFailoverTests {
        private static let route = "10.1.0.0/16"
        private static let options = SplitSystem.Options(
            relays: 0,
            settings: [
                "gateway": ["NODE_ROUTES_HA_PROBE_INTERVAL": "2s", "NODE_ROUTES_HA_PROBE_TIMEOUT": "1s"]
            ]
        )

        @Test("a router that does not answer gives way at all gateways, and one that moved to another gateway does not")
        func silent() async throws {
            try await SplitSystem.run(Self.options) { system in
                let key = try await system.authKey()
                let near = try await system.joined("near", key: key, through: 0).map
                let far = try await system.joined("far", key: key, through: 1).map
                let one = try await Self.router("one", key, at: system.gateways[0].address())
                // Its former stream stays open where it was, and nobody reads it.
                let former = try await Self.router("two", key, at: system.gateways[0].address())
                let two = SimulatedNode(
                    try system.gateways[1].address(),
                    hostname: "two",
                    machineKey: former.machineKey,
                    nodeKey: await former.nodeKey
                )
                await two.describe { $0.routableIPs = [IPPrefix(Self.route)].compactMap(\.self) }
                let moved = try await two.startMap()
                // Would have the route at once if the second one counted as silent.
                let three = try await Self.router("three", key, at: system.gateways[0].address())
                try await withThrowingTaskGroup { group in
                    group.addTask { await two.answerPings() }
                    group.addTask { await three.answerPings() }
                    for (name, gateway) in [("one", 0), ("two", 1), ("three", 0)] {
                        let nodes = try await system.nodes(through: gateway)
                        let id = try #require(nodes.first { $0.givenName == name }).id
                        _ = try await system.admin(
                            ["nodes", "approve-routes", "-i", id, "-r", Self.route],
                            through: gateway
                        )
                        let carrier = name == "one" ? "one" : "two"
                        try await Self.expect([carrier], near, far)
                    }
                    let asked = moved.snapshot.pings.count
                    try await eventually("it was asked for a while", within: .seconds(60)) {
                        moved.snapshot.pings.count >= asked + 8
                    }
                    try await Self.expect(["two"], near, far)
                    #expect(near.view.peers.values.allSatisfy { $0.isOnline == true })
                    group.cancelAll()
                }
                for map in [near, far] { #expect(map.snapshot.faults == []) }
                _ = one
                _ = former
            }
        }

        private static func router(
            _ name: String,
            _ key: String,
            at address: ServerAddress
        ) async throws -> SimulatedNode {
            let client = SimulatedNode(address, hostname: name)
            await client.describe { $0.routableIPs = [IPPrefix(route)].compactMap(\.self) }
            try #require(try await client.register(authKey: key).error == "")
            try await client.startMap()
            return client
        }

        private static func expect(_ routers: [String], _ maps: MapSession...) async throws {
            for map in maps {
                try await eventually("the route goes through \(routers)", within: .seconds(40), read: { carriers(map) })
                {
                    $0 == routers
                }
            }
        }

        private static func carriers(_ map: MapSession) -> [String] {
            map.view.peers.values.filter { peer in peer.allowedIPs?.contains { $0.description == route } == true }
                .map { String($0.name.prefix { $0 != "." }) }
        }
    }
}
