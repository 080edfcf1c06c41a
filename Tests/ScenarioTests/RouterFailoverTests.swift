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
                try await system.expect(Self.route, through: "one", at: watcher)
                // Others that get the route stand by, also those that are connected longer.
                try await system.approve("three", Self.route)
                try await system.approve("two", Self.route)
                try await system.expectStill(Self.route, through: "one", at: watcher)
                try await system.lose(first, "one")
                try await system.expect(Self.route, through: "three", at: watcher)
                try await first.reconnect()
                try await eventually("it is back") { watcher.view.peer(named: "one")?.isOnline == true }
                try await system.expectStill(Self.route, through: "three", at: watcher)
                try await system.approve("three")
                try await system.expect(Self.route, through: "two", at: watcher)
                try await system.approve("three", Self.route)
                try await system.expectStill(Self.route, through: "two", at: watcher)
                try await system.lose(second, "two")
                try await system.expect(Self.route, through: "one", at: watcher)
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
                try await system.expect(Self.route, through: "one", at: watcher)
                try await system.lose(first, "one")
                try await system.expect(Self.route, through: "two", at: watcher)
                try await system.lose(second, "two")
                try await system.expectStill(Self.route, through: "two", at: watcher)
                try await first.reconnect()
                try await system.expect(Self.route, through: "one", at: watcher)
                try await second.reconnect()
                try await eventually("it is back") { watcher.view.peer(named: "two")?.isOnline == true }
                try await system.expectStill(Self.route, through: "one", at: watcher)
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
                try await system.expect(Self.route, through: "one", at: watcher)
                for _ in 0..<3 { try await first.reconnect() }
                try await system.expectStill(Self.route, through: "one", at: watcher)
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
                try await system.expect(Self.route, through: "late", at: watcher)
                try await early.update { $0.routableIPs = prefixes([Self.route, "10.2.0.0/16"]) }
                try await system.expectStill(Self.route, through: "late", at: watcher)
                try await system.approve("late", Self.route, "10.3.0.0/16")
                try await system.expectStill(Self.route, through: "late", at: watcher)
                #expect(watcher.snapshot.faults == [])
            }
        }
    }
}
