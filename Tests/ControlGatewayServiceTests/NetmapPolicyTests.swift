import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import TailcfgWire
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Network maps with a policy")
struct NetmapPolicyTests {
    /// Users 1 and 2 with a node each (1 and 2), a web server (3), a database (4).
    private static func world(_ policy: String) throws -> PolicyWorld {
        var world = PolicyWorld(users: 1...2)
        for raw in Int64(1)...2 { world.put(Fixture.node(raw, user: raw)) }
        for (raw, tag) in [(Int64(3), "tag:web"), (4, "tag:db")] { world.put(tagged(raw, tag)) }
        try world.set(policy: policy)
        try world.flush()
        for raw in Int64(1)...4 { try world.open(raw) }
        return world
    }

    private static func tagged(_ raw: Int64, _ tag: String) -> Node {
        var node = Fixture.node(raw)
        node.user = nil
        node.tags = [tag]
        return node
    }

    private static let tags = #""tagOwners": {"tag:web": [], "tag:db": [], "tag:router": []}"#
    private static let toWeb = """
        {"grants": [{"src": ["u1@example.com"], "dst": ["tag:web"], "ip": ["443"]}], \(tags)}
        """

    @Test("nodes see whom a rule joins them with, both ways, and nobody else")
    func visibility() throws {
        let world = try Self.world(Self.toWeb)
        #expect(world.peers(of: 1) == [3])
        #expect(world.peers(of: 3) == [1])
        #expect(world.peers(of: 2) == [])
        #expect(world.clients[3]?.view.filters["base"]?.first?.sources == ["100.64.0.1", "fd7a:115c:a1e0::1"])
        #expect(world.clients[1]?.view.filters["base"] == [])
        #expect(world.clients[3]?.view.profiles.keys.sorted() == [1, User.taggedDevicesID])
        #expect(world.clients[2]?.view.profiles.keys.sorted() == [2])
        try world.check("")
    }

    @Test("a node that joins an existing class is told only to those who see it")
    func join() throws {
        var world = try Self.world(Self.toWeb)
        let before = world.clients.mapValues(\.messages.count)
        world.put(Self.tagged(9, "tag:web"))
        try world.flush()
        #expect(world.peers(of: 1) == [3, 9])
        for raw in [Int64(2), 3, 4] { #expect(world.clients[raw]?.messages.count == before[raw]) }
        world.put(Fixture.node(10, user: 1))
        try world.flush()
        #expect(world.peers(of: 3) == [1, 10])
        #expect(world.clients[3]?.view.filters["base"]?.first?.sources.contains("100.64.0.10") == true)
        #expect(world.clients[4]?.messages.count == before[4])
        try world.check("")
    }

    @Test("a change that is not for others reaches nobody", arguments: [toWeb, #"{"grants": []}"#])
    func nothing(policy: String) throws {
        var world = try Self.world(policy)
        world.change(1) { $0.hostinfo.osVersion = "9" }
        let own = try world.flush()
        #expect(world.clients.filter { $0.key != 1 }.allSatisfy { $0.value.messages.count == 1 })
        world.change(1) { _ in }
        #expect(try world.flush().isEmpty)
        world.set(policy: world.document)
        #expect(try world.flush().isEmpty)
        try world.set(policy: "// a comment\n" + policy)
        #expect(try world.flush().isEmpty)
        #expect(own.batches.count <= 1)
    }

    @Test("removal of access goes out with the next tick, for peers and filters")
    func revocation() throws {
        var world = try Self.world(Self.toWeb)
        try world.set(policy: #"{"grants": []}"#)
        try world.flush()
        #expect(world.peers(of: 1) == [])
        #expect(world.peers(of: 3) == [])
        #expect(world.clients[3]?.view.filters["base"] == [])
        #expect(world.clients[1]?.messages.last?.peersRemoved == [3])
        try world.check("")
    }

    @Test("a node whose tags change sees and may do what the new ones say")
    func tagChange() throws {
        var world = try Self.world(Self.toWeb)
        world.change(4) { $0.tags = ["tag:web"] }
        try world.flush()
        #expect(world.peers(of: 1) == [3, 4])
        #expect(world.peers(of: 4) == [1])
        world.change(3) { $0.tags = ["tag:db"] }
        try world.flush()
        #expect(world.peers(of: 1) == [4])
        #expect(world.peers(of: 3) == [])
        #expect(world.clients[3]?.view.filters["base"] == [])
        try world.check("")
    }

    @Test("users see their own devices and no others")
    func ownDevices() throws {
        var world = try Self.world(
            #"{"grants": [{"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]}]}"#
        )
        #expect(world.peers(of: 1) == [])
        world.put(Fixture.node(5, user: 1))
        try world.flush()
        try world.open(5)
        #expect(world.peers(of: 1) == [5])
        #expect(world.peers(of: 5) == [1])
        #expect(world.peers(of: 2) == [])
        world.change(5) { $0.user = Fixture.id(2) }
        try world.flush()
        #expect(world.peers(of: 1) == [])
        #expect(world.peers(of: 5) == [2])
        try world.check("")
    }

    @Test("a user's new role counts for their nodes")
    func role() throws {
        var world = try Self.world(
            #"{"grants": [{"src": ["autogroup:admin"], "dst": ["tag:web"], "ip": ["*"]}], \#(Self.tags)}"#
        )
        #expect(world.peers(of: 3) == [])
        world.put(PolicyWorld.user(2, .admin))
        try world.flush()
        #expect(world.peers(of: 3) == [2])
        #expect(world.clients[2]?.view.own?.capMap?["https://tailscale.com/cap/is-admin"] != nil)
        world.put(PolicyWorld.user(2))
        try world.flush()
        #expect(world.peers(of: 3) == [])
        try world.check("")
    }

    @Test("without a policy there is one class of viewers; with one, classes go with their last viewer")
    func classes() throws {
        var world = try Self.world(Self.toWeb)
        #expect(world.netmap.viewerClasses.count > 1)
        world.set(policy: nil)
        try world.flush()
        #expect(world.netmap.viewerClasses.count == 1)
        #expect(world.peers(of: 1) == [2, 3, 4])
        #expect(world.clients[1]?.view.filters["base"]?.first?.sources == ["*"])
        for raw in Int64(1)...4 { world.close(raw) }
        #expect(world.netmap.viewerClasses.isEmpty)
        #expect(world.netmap.classNumbers.isEmpty)
    }

    @Test("a route goes to the next router when the first goes away, and stays there when it comes back")
    func failover() throws {
        let route = try #require(IPPrefix("10.20.0.0/16"))
        var world = PolicyWorld()
        world.put(Fixture.node(1))
        for (raw, lastSeen) in [(Int64(2), Fixture.start), (3, Fixture.start + 1)] {
            var node = Fixture.node(raw)
            node.hostinfo.routableIPs = [route]
            node.approvedRoutes = [route]
            node.lastSeen = lastSeen
            world.put(node)
        }
        try world.flush()
        for raw in Int64(1)...3 { try world.open(raw) }
        func routers() -> [Int64] {
            world.clients[1]?.view.peers.values.filter { $0.primaryRoutes == [route] }.map(\.id).sorted() ?? []
        }
        #expect(routers() == [2])
        #expect(world.clients[2]?.view.own?.primaryRoutes == [route])
        world.change(2) {
            $0.isOnline = false; $0.lastSeen = Fixture.start + 10
        }
        try world.flush()
        #expect(routers() == [3])
        #expect(world.clients[3]?.view.own?.primaryRoutes == [route])
        world.change(2) {
            $0.isOnline = true; $0.lastSeen = Fixture.start + 20
        }
        try world.flush()
        #expect(routers() == [3])
        world.change(3) {
            $0.isOnline = false; $0.lastSeen = Fixture.start + 30
        }
        try world.flush()
        #expect(routers() == [2])
        #expect(world.netmap.viewerClasses.count == 1)
        try world.check("")
    }

    @Test("routes that the policy approves count at once; others wait for approval")
    func approval() throws {
        var world = try Self.world(
            """
            {"grants": [{"src": ["u1@example.com"], "dst": ["10.0.0.0/8"], "ip": ["*"]}], \(Self.tags),
            "autoApprovers": {"routes": {"10.1.0.0/16": ["tag:router"]}}}
            """
        )
        var node = Self.tagged(8, "tag:router")
        node.hostinfo.routableIPs = ["10.1.2.0/24", "10.9.0.0/16"].compactMap { IPPrefix($0) }
        world.put(node)
        try world.flush()
        #expect(world.clients[1]?.view.peers[8]?.primaryRoutes?.map(\.description) == ["10.1.2.0/24"])
        world.change(8) { $0.approvedRoutes = ["10.9.0.0/16"].compactMap { IPPrefix($0) } }
        try world.flush()
        #expect(
            world.clients[1]?.view.peers[8]?.primaryRoutes?.map(\.description).sorted() == [
                "10.1.2.0/24", "10.9.0.0/16",
            ]
        )
        #expect(world.peers(of: 2) == [])
        try world.check("")
    }

    @Test("an exit node is offered with its routes to whom it is open")
    func exitNode() throws {
        var world = try Self.world(
            """
            {"grants": [{"src": ["u1@example.com"], "dst": ["autogroup:internet"], "ip": ["*"]}], \(Self.tags),
            "autoApprovers": {"exitNode": ["tag:router"]}}
            """
        )
        var node = Self.tagged(8, "tag:router")
        node.hostinfo.routableIPs = ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) }
        world.put(node)
        try world.flush()
        let peer = try #require(world.clients[1]?.view.peers[8])
        #expect(peer.allowedIPs?.count == 4)
        #expect(peer.primaryRoutes == nil)
        #expect(peer.capMap?.keys.contains("suggest-exit-node") == true)
        #expect(world.peers(of: 2) == [])
        try world.check("")
    }

    @Test("who may log in follows the policy, and ends with it")
    func ssh() throws {
        var world = try Self.world(
            """
            {"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}], \(Self.tags),
            "ssh": [{"action": "accept", "src": ["u1@example.com"], "dst": ["tag:web"], "users": ["root"]}]}
            """
        )
        #expect(world.clients[3]?.view.sshRules.count == 1)
        #expect(world.clients[4]?.view.sshRules.isEmpty == true)
        let before = world.clients.mapValues(\.messages.count)
        world.put(Fixture.node(5, user: 1))
        try world.flush()
        #expect(world.clients[3]?.messages.last?.sshPolicy != nil)
        #expect(world.clients[4]?.messages.last?.sshPolicy == nil)
        #expect(world.clients[4]?.messages.count == before[4].map { $0 + 1 })
        world.set(policy: nil)
        try world.flush()
        #expect(world.clients[3]?.view.sshRules.isEmpty == true)
        try world.check("")
    }
}
