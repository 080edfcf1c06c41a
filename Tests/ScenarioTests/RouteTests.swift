import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Routes")
    struct Routes {
        @Test("an announced route is seen once it is approved, and no longer when that is taken back")
        func enabling() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (_, own) = try await system.router("router", ["10.1.0.0/16", "10.2.0.0/16"])
                try await eventually("the router is seen") { watcher.view.routes("router") == [] }
                try await system.approve("router", "10.1.0.0/16")
                try await eventually("the route") { watcher.view.routes("router") == ["10.1.0.0/16"] }
                #expect(watcher.view.peer(named: "router")?.primaryRoutes == prefixes(["10.1.0.0/16"]))
                try await eventually("the router knows") {
                    own.view.own?.allowedIPs?.contains { $0.description == "10.1.0.0/16" } == true
                }
                try await system.approve("router", "10.1.0.0/16", "10.2.0.0/16")
                try await eventually("both") { watcher.view.routes("router") == ["10.1.0.0/16", "10.2.0.0/16"] }
                try await system.approve("router")
                try await eventually("none") { watcher.view.routes("router") == [] }
                #expect(watcher.view.peer(named: "router")?.primaryRoutes ?? [] == [])
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("an approved route is withheld until it is announced, and when it is no longer")
        func withheld() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.router("router", [])
                try await system.approve("router", "10.1.0.0/16")
                try await client.update(homeDERP: 901)
                try await eventually("a later change") { watcher.view.peer(named: "router")?.homeDERP == 901 }
                #expect(watcher.view.routes("router") == [])
                try await client.update { $0.routableIPs = prefixes(["10.1.0.0/16", "10.2.0.0/16"]) }
                try await eventually("the route") { watcher.view.routes("router") == ["10.1.0.0/16"] }
                try await client.update { $0.routableIPs = [] }
                try await eventually("no route") { watcher.view.routes("router") == [] }
                #expect(try await system.node("router").approvedRoutes == prefixes(["10.1.0.0/16"]))
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("one exit route that is approved makes an exit node for both families, and no primary router")
        func exitNode() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                _ = try await system.router("exit", ["0.0.0.0/0", "::/0"])
                _ = try await system.router("other", ["0.0.0.0/0", "::/0"])
                try await eventually("both are seen") { watcher.view.peers.count == 2 }
                #expect(watcher.view.routes("exit") == [])
                try await system.approve("exit", "0.0.0.0/0")
                try await eventually("the exit node") { watcher.view.routes("exit") == ["0.0.0.0/0", "::/0"] }
                #expect(watcher.view.peer(named: "exit")?.primaryRoutes ?? [] == [])
                #expect(watcher.view.peer(named: "exit")?.capMap?.keys.contains("suggest-exit-node") == true)
                // Exit nodes are a choice, not a matter of who is first.
                try await system.approve("other", "::/0")
                try await eventually("two exit nodes") { watcher.view.carriers(of: "0.0.0.0/0") == ["exit", "other"] }
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("approved routes serve again after log-out and a new login")
        func relogin() async throws {
            try await LocalSystem.run { system in
                let key = try await system.key()
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.router("router", ["10.1.0.0/16"])
                try await system.approve("router", "10.1.0.0/16")
                try await eventually("the route") { watcher.view.routes("router") == ["10.1.0.0/16"] }
                let node = try await system.node("router")
                try await client.logout()
                await client.disconnect()
                #expect(try await client.renewKey(authKey: key).error == "")
                try await client.startMap()
                try await eventually("the router is back, with its route") {
                    let peer = watcher.view.peer(named: "router")
                    return peer?.isExpired != true && watcher.view.routes("router") == ["10.1.0.0/16"]
                }
                #expect(try await system.node("router").id == node.id)
                #expect(watcher.snapshot.faults == [])
            }
        }
    }
}
