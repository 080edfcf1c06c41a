import Bus
import ControlGatewayService
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Routers that are connected and do not answer.
    @Suite("Router health")
    struct RouterHealth {
        private static let route = "10.1.0.0/16"

        private static var options: LocalSystem.Options {
            var options = LocalSystem.Options()
            options.routerProbing = RouterProbing(interval: .milliseconds(100), timeout: .seconds(3))
            return options
        }

        @Test("a router that is connected and silent gives way, and does not take the route back when it answers again")
        func silent() async throws {
            try await LocalSystem.run(Self.options) { system in
                let (_, watcher) = try await system.joined("watcher")
                let (first, _) = try await system.router("one", [Self.route])
                let (second, _) = try await system.router("two", [Self.route])
                try await system.approve("one", Self.route)
                try await withThrowingTaskGroup { group in
                    group.addTask { await second.answerPings() }
                    try await system.expect(Self.route, through: "one", at: watcher)
                    try await system.approve("two", Self.route)
                    try await system.expect(Self.route, through: "two", at: watcher)
                    #expect(watcher.view.peer(named: "one")?.isOnline == true)
                    #expect(try await system.node("one").isUnhealthy)
                    group.addTask { await first.answerPings() }
                    try await eventually("it is healthy again") { try await !system.node("one").isUnhealthy }
                    try await system.expectStill(Self.route, through: "two", at: watcher)
                    group.cancelAll()
                }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a new connection gives a silent router a new chance, and so does the end of its routes")
        func chances() async throws {
            try await LocalSystem.run(Self.options) { system in
                let (_, watcher) = try await system.joined("watcher")
                let (first, _) = try await system.router("one", [Self.route])
                let (second, _) = try await system.router("two", [Self.route])
                try await system.approve("one", Self.route)
                try await system.approve("two", Self.route)
                try await withThrowingTaskGroup { group in
                    group.addTask { await second.answerPings() }
                    try await eventually("it is unhealthy") { try await system.node("one").isUnhealthy }
                    try await first.reconnect()
                    try await eventually("it has another chance") { try await !system.node("one").isUnhealthy }
                    try await system.expectStill(Self.route, through: "two", at: watcher)
                    try await eventually("it is unhealthy again") { try await system.node("one").isUnhealthy }
                    try await system.approve("one")
                    #expect(try await !system.node("one").isUnhealthy)
                    group.cancelAll()
                }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("when all routers are silent the route stays where it is")
        func allSilent() async throws {
            try await LocalSystem.run(Self.options) { system in
                let (_, watcher) = try await system.joined("watcher")
                _ = try await system.router("one", [Self.route])
                _ = try await system.router("two", [Self.route])
                try await system.approve("one", Self.route)
                try await system.approve("two", Self.route)
                try await eventually("none is healthy") {
                    let (one, two) = (try await system.node("one"), try await system.node("two"))
                    return one.isUnhealthy && two.isUnhealthy
                }
                let carriers = watcher.view.carriers(of: Self.route)
                #expect(carriers.count == 1)
                #expect(watcher.view.peers.values.allSatisfy { $0.isOnline == true })
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("an answer that nobody asked for changes nothing, over Noise or without")
        func strays() async throws {
            try await LocalSystem.run { system in
                let client = try await system.registered("laptop")
                let path = "/machine/ping-response"
                let unknown = String(repeating: "0", count: 32)
                for method in ["HEAD", "POST"] {
                    #expect(try await client.request(ControlRequest(method, "\(path)?id=\(unknown)")).status == 404)
                    #expect(try await client.request(ControlRequest(method, "\(path)?id=x")).status == 400)
                    #expect(try await client.request(ControlRequest(method, path)).status == 400)
                }
            }
        }
    }
}
