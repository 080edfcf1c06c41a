import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Who may use which route, by policy.
    @Suite("Routes and policy")
    struct RoutePolicies {
        private static let route = "10.1.0.0/16"

        @Test("a route is seen by those whom the policy lets into it, and its router lets them alone through")
        func access() async throws {
            try await LocalSystem.run { system in
                let bob = try await system.createUser("bob")
                let (_, alice) = try await system.joined("laptop")
                let (_, other) = try await system.joined("desk", key: try await system.createKey(of: bob))
                let (_, router) = try await system.router("router", [Self.route, "10.2.0.0/16"])
                try await system.approve("router", Self.route, "10.2.0.0/16")
                try await eventually("without a policy both see all") {
                    [alice, other].allSatisfy { $0.view.routes("router") == [Self.route, "10.2.0.0/16"] }
                }
                try await system.setPolicy(
                    """
                    {"acls": [
                        {"action": "accept", "src": ["bob@"], "dst": ["10.1.7.0/24:443"]},
                        {"action": "accept", "src": ["alice@"], "dst": ["alice@:*"]}
                    ]}
                    """
                )
                try await eventually("bob's node sees the one route") { other.view.routes("router") == [Self.route] }
                try await eventually("alice's node sees the router without routes") {
                    alice.view.routes("router") == []
                }
                let addresses = try #require(other.view.own).addresses.map(\.address.description)
                try await eventually("the router lets bob in, there and nowhere else") {
                    let rules = router.view.filters["base"] ?? []
                    return rules.contains { rule in
                        guard rule.sources == addresses, let only = rule.destinations?.first else { return false }
                        return only.ip == "10.1.7.0/24" && only.ports.first == 443 && only.ports.last == 443
                    }
                }
                #expect(!router.view.filterDestinations.contains("10.2.0.0/16"))
                for map in [alice, other, router] { #expect(map.snapshot.faults == []) }
            }
        }

        @Test(
            "whoever may reach the internet alone sees exit nodes with both routes, and no others of their nodes' routes"
        )
        func internet() async throws {
            try await LocalSystem.run { system in
                let bob = try await system.createUser("bob")
                let (_, watcher) = try await system.joined("desk", key: try await system.createKey(of: bob))
                let (_, exit) = try await system.router("exit", ["0.0.0.0/0", "::/0", Self.route])
                _ = try await system.joined("laptop")
                try await system.approve("exit", "0.0.0.0/0", Self.route)
                try await system.setPolicy(
                    #"{"acls": [{"action": "accept", "src": ["bob@"], "dst": ["autogroup:internet:*"]}]}"#
                )
                try await eventually("the exit node alone") {
                    watcher.view.peers.count == 1 && watcher.view.routes("exit") == ["0.0.0.0/0", "::/0"]
                }
                try await eventually("the exit node lets it out") {
                    let destinations = exit.view.filterDestinations
                    return !destinations.isEmpty && !destinations.contains("*")
                }
                for map in [watcher, exit] { #expect(map.snapshot.faults == []) }
            }
        }

        /// Who announces, and whom the policy names.
        enum Approver: String, CaseIterable, Sendable {
            case user = "alice@"
            case group = "group:network"
            case tag = "tag:router"
        }

        @Test(
            "a policy approves routes of a user, a group and a tag, below a prefix too, announced before or after it",
            arguments: Approver.allCases,
            [true, false]
        )
        func approval(approver: Approver, isAnnouncedBefore: Bool) async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let key =
                    approver == .tag
                    ? try await system.createKey(of: nil, tags: ["tag:router"]) : try await system.key()
                let routes = ["10.1.7.0/24", "192.168.0.0/16", "0.0.0.0/0", "::/0"]
                let policy = """
                    {"grants": [{"src": ["*"], "dst": ["*", "autogroup:internet"], "ip": ["*"]}],
                     "groups": {"group:network": ["alice@"]}, "tagOwners": {"tag:router": []},
                     "autoApprovers": {"routes": {"10.1.0.0/16": ["\(approver.rawValue)"]},
                                       "exitNode": ["\(approver.rawValue)"]}}
                    """
                if !isAnnouncedBefore { try await system.setPolicy(policy) }
                let (client, _) = try await system.router("router", isAnnouncedBefore ? routes : [], key: key)
                if isAnnouncedBefore {
                    try await system.setPolicy(policy)
                } else {
                    try await client.update { $0.routableIPs = prefixes(routes) }
                }
                let approved = ["0.0.0.0/0", "10.1.7.0/24", "::/0"]
                try await eventually("the approved routes") { watcher.view.routes("router") == approved }
                try await eventually("they are written down") {
                    try await system.node("router").approvedRoutes == prefixes(approved).sorted()
                }
                // A policy without approvers takes nothing back.
                try await system.setPolicy(
                    """
                    {"grants": [{"src": ["*"], "dst": ["100.64.0.0/10", "10.0.0.0/8"], "ip": ["*"]}],
                     "tagOwners": {"tag:router": []}}
                    """
                )
                try await eventually("the exit is closed") { watcher.view.routes("router") == ["10.1.7.0/24"] }
                #expect(try await system.node("router").approvedRoutes == prefixes(approved).sorted())
                #expect(watcher.snapshot.faults == [])
            }
        }

        @Test("a policy approves nothing of those that it does not name, nor exits by a route to everywhere")
        func notApproved() async throws {
            try await LocalSystem.run { system in
                let bob = try await system.createUser("bob")
                let (_, watcher) = try await system.joined("watcher")
                try await system.setPolicy(
                    """
                    {"grants": [{"src": ["*"], "dst": ["*", "autogroup:internet"], "ip": ["*"]}],
                     "autoApprovers": {"routes": {"0.0.0.0/0": ["alice@"]}}}
                    """
                )
                let routes = ["0.0.0.0/0", "::/0", Self.route]
                _ = try await system.router("other", routes, key: try await system.createKey(of: bob))
                _ = try await system.router("router", routes)
                try await eventually("the subnet alone") { watcher.view.routes("router") == [Self.route] }
                #expect(watcher.view.routes("other") == [])
                try await eventually("it is written down") {
                    try await system.node("router").approvedRoutes == prefixes([Self.route])
                }
                #expect(try await system.node("other").approvedRoutes == [])
            }
        }

        @Test("routes that a policy approved serve again after a new login under another policy")
        func relogin() async throws {
            try await LocalSystem.run { system in
                let open = #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]"#
                try await system.setPolicy(open + #", "autoApprovers": {"routes": {"10.0.0.0/8": ["alice@"]}}}"#)
                let (_, watcher) = try await system.joined("watcher")
                let (client, _) = try await system.router("router", [Self.route])
                try await eventually("it is written down") {
                    try await system.node("router").approvedRoutes == prefixes([Self.route])
                }
                try await system.setPolicy(open + "}")
                try await client.logout()
                await client.disconnect()
                #expect(try await client.renewKey(authKey: try await system.key()).error == "")
                try await client.startMap()
                try await eventually("the route serves") {
                    watcher.view.peer(named: "router")?.isExpired != true
                        && watcher.view.routes("router") == [Self.route]
                }
            }
        }

        @Test("groups are sent through routers of their own, and through another when theirs goes")
        func steering() async throws {
            try await LocalSystem.run { system in
                let bob = try await system.createUser("bob")
                let (_, alice) = try await system.joined("laptop")
                let (_, other) = try await system.joined("desk", key: try await system.createKey(of: bob))
                let east = try await system.createKey(of: nil, tags: ["tag:east"], isReusable: true)
                let west = try await system.createKey(of: nil, tags: ["tag:west"])
                let (first, _) = try await system.router("east", [Self.route], key: east)
                _ = try await system.router("east-two", [Self.route], key: east)
                _ = try await system.router("west", [Self.route], key: west)
                for name in ["west", "east", "east-two"] { try await system.approve(name, Self.route) }
                try await system.setPolicy(
                    """
                    {"tagOwners": {"tag:east": [], "tag:west": []},
                     "grants": [
                        {"src": ["alice@"], "dst": ["\(Self.route)"], "ip": ["*"], "via": ["tag:east"]},
                        {"src": ["bob@"], "dst": ["\(Self.route)"], "ip": ["*"], "via": ["tag:west"]}
                     ]}
                    """
                )
                try await system.expect(Self.route, through: "east", at: alice)
                try await system.expect(Self.route, through: "west", at: other)
                try await system.lose(first, "east")
                try await system.expect(Self.route, through: "east-two", at: alice)
                try await first.reconnect()
                try await eventually("it is back") { alice.view.peer(named: "east")?.isOnline == true }
                #expect(alice.view.carriers(of: Self.route) == ["east-two"])
                #expect(other.view.carriers(of: Self.route) == ["west"])
                for map in [alice, other] { #expect(map.snapshot.faults == []) }
            }
        }

        @Test("an app connector is told its domains, and the addresses that it learns are routed through it at once")
        func appConnector() async throws {
            try await LocalSystem.run { system in
                try await system.setPolicy(
                    """
                    {"tagOwners": {"tag:connector": []},
                     "grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}],
                     "autoApprovers": {"routes": {"0.0.0.0/0": ["tag:connector"], "::/0": ["tag:connector"]}},
                     "nodeAttrs": [{"target": ["*"], "app": {"tailscale.com/app-connectors": [
                        {"name": "example", "connectors": ["tag:connector"], "domains": ["example.com"]}
                     ]}}]}
                    """
                )
                let (_, watcher) = try await system.joined("watcher")
                let key = try await system.createKey(of: nil, tags: ["tag:connector"])
                let (client, own) = try await system.router("connector", [], key: key)
                try await eventually("its domains") {
                    own.view.own?.capMap?["tailscale.com/app-connectors"]??.isEmpty == false
                }
                try await client.update { $0.routableIPs = prefixes(["203.0.113.7/32", "2001:db8::7/128"]) }
                try await eventually("the addresses") {
                    watcher.view.routes("connector") == ["2001:db8::7/128", "203.0.113.7/32"]
                }
                try await eventually("they are written down") {
                    try await system.node("connector").approvedRoutes.count == 2
                }
            }
        }

        @Test("a 4via6 route is a route like any other")
        func fourViaSix() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                // 10.1.0.0/16 at site 7.
                let route = "fd7a:115c:a1e0:b1a:0:7:a01:0/112"
                _ = try await system.router("router", [route])
                try await system.approve("router", route)
                try await eventually("the route") { watcher.view.routes("router") == [route] }
            }
        }
    }
}
