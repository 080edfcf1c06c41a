import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Which of several routers carries a route.
    @Suite("Router failover")
    struct RouterFailover {
        private static let route = "10.1.0.0/16"

        @Test("a route moves when its router goes, does not move back, and moves when approval is taken back")
        func failover() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (first, _) = try await system.router("one", [Self.route])
                let (second, _) = try await system.router("two", [Self.route])
                _ = try await system.router("three", [Self.route])
                try await system.approve("one", Self.route)
                try await Self.expect(watcher, "one")
                // Others that get the route stand by, also those that are connected longer.
                try await system.approve("three", Self.route)
                try await system.approve("two", Self.route)
                try await Self.expectStill(system, watcher, "one")
                try await system.lose(first, "one")
                try await Self.expect(watcher, "three")
                try await first.reconnect()
                try await eventually("it is back") { watcher.view.peer(named: "one")?.isOnline == true }
                try await Self.expectStill(system, watcher, "three")
                try await system.approve("three")
                try await Self.expect(watcher, "two")
                try await system.approve("three", Self.route)
                try await Self.expectStill(system, watcher, "two")
                try await system.lose(second, "two")
                try await Self.expect(watcher, "one")
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("with all routers away one that comes back serves, and the last that left keeps the route until then")
        func allAway() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (first, _) = try await system.router("one", [Self.route])
                let (second, _) = try await system.router("two", [Self.route])
                try await system.approve("one", Self.route)
                try await system.approve("two", Self.route)
                try await Self.expect(watcher, "one")
                try await system.lose(first, "one")
                try await Self.expect(watcher, "two")
                try await system.lose(second, "two")
                try await Self.expectStill(system, watcher, "two")
                try await first.reconnect()
                try await Self.expect(watcher, "one")
                try await second.reconnect()
                try await eventually("it is back") { watcher.view.peer(named: "two")?.isOnline == true }
                try await Self.expectStill(system, watcher, "one")
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a short loss of the connection moves nothing")
        func shortLoss() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (first, _) = try await system.router("one", [Self.route])
                _ = try await system.router("two", [Self.route])
                try await system.approve("one", Self.route)
                try await system.approve("two", Self.route)
                try await Self.expect(watcher, "one")
                for _ in 0..<3 { try await first.reconnect() }
                try await Self.expectStill(system, watcher, "one")
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a route that a router announces later, or that comes beside others, moves nothing")
        func laterRoutes() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (early, _) = try await system.router("early", [])
                _ = try await system.router("late", [Self.route])
                try await system.approve("early", Self.route)
                try await system.approve("late", Self.route)
                try await Self.expect(watcher, "late")
                try await early.update { $0.routableIPs = prefixes([Self.route, "10.2.0.0/16"]) }
                try await Self.expectStill(system, watcher, "late")
                try await system.approve("late", Self.route, "10.3.0.0/16")
                try await Self.expectStill(system, watcher, "late")
                #expect(watcher.snapshot.faults == [])
            }
        }

        private static func expect(_ watcher: MapSession, _ name: String) async throws {
            try await eventually("the route goes through \(name)", read: { watcher.view.carriers(of: route) }) {
                $0 == [name]
            }
        }

        /// A later change comes and shows the route where it was; it was nowhere else in between.
        private static func expectStill(_ system: LocalSystem, _ watcher: MapSession, _ name: String) async throws {
            let mark = try await system.router("mark\(watcher.view.peers.count)", [])
            try await eventually("a later change") { watcher.view.peers.count > 0 && mark.map.view.own != nil }
            let marked = try #require(mark.map.view.own?.id)
            try await eventually("a later change is seen") { watcher.view.peers[marked]?.isOnline == true }
            #expect(watcher.view.carriers(of: route) == [name])
            let moves = watcher.snapshot.recent.flatMap { $0.peersChanged ?? [] }.filter { peer in
                peer.allowedIPs?.contains { $0.description == route } == true
            }
            let last = moves.last?.name.prefix { $0 != "." }
            #expect(last.map(String.init) == name)
        }
    }
}
