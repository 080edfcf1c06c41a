import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// Which addresses nodes have.
    @Suite("Node addresses")
    struct NodeAddresses {
        @Test(
            "where only one family is configured nodes have addresses of that alone, and policies hold for it",
            arguments: [4, 6]
        )
        func oneFamily(family: Int) async throws {
            var options = LocalSystem.Options()
            if family == 4 { options.ipv6Prefix = nil } else { options.ipv4Prefix = nil }
            try await LocalSystem.run(options) { system in
                let bob = try await system.createUser("bob")
                let (_, laptop) = try await system.joined("laptop")
                let (_, desk) = try await system.joined("desk", key: try await system.createKey(of: bob))
                let bits = family == 4 ? 32 : 128
                let own = try #require(laptop.view.own?.addresses)
                #expect(own.map(\.length) == [bits])
                try await eventually("they see each other") { desk.view.peer(named: "laptop")?.addresses == own }
                try await system.setPolicy(
                    #"{"acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:22"]}]}"#
                )
                try await eventually("the desk lets the laptop in") {
                    desk.view.filters["base"]?.map(\.sources) == [own.map(\.address.description)]
                }
                #expect(
                    desk.view.filterDestinations
                        == Set(try #require(desk.view.own).addresses.map(\.address.description))
                )
                // The Rust client takes nodes with both alone.
                let faults = [laptop, desk].flatMap(\.snapshot.faults)
                #expect(faults.filter { !$0.contains(" has addresses ") } == [])
            }
        }

        @Test("an address that an administrator chooses is the node's at once, for itself and its peers")
        func chosen() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let (_, own) = try await system.joined("laptop")
                try await eventually("it is seen") { watcher.view.peer(named: "laptop") != nil }
                let wanted = try #require(IPv4Address("100.64.10.7"))
                let node = try await system.node("laptop")
                _ = try await system.ask(SetNodeAddresses(node: node.id, ipv4: wanted, ipv6: nil))
                let addresses = try await system.node("laptop").addresses
                #expect(addresses.first?.address == .v4(wanted))
                try await eventually("the peer's address") {
                    let peer = watcher.view.peer(named: "laptop")
                    return peer?.addresses == addresses && peer?.allowedIPs ?? addresses == addresses
                }
                try await eventually("its own address") { own.view.own?.addresses == addresses }
                for map in [watcher, own] { #expect(map.snapshot.faults == []) }
            }
        }

        @Test("nodes get addresses of a family that is configured later when somebody asks for it, and keep the others")
        func backfill() async throws {
            var options = LocalSystem.Options()
            options.ipv6Prefix = nil
            try await LocalSystem.run(options) { system in
                let (client, _) = try await system.joined("laptop")
                _ = try await system.joined("desk")
                let before = try await system.nodes()
                try await system.restart { $0.ipv6Prefix = IPPrefix("fd7a:115c:a1e0::/48") }
                #expect(try await system.nodes().allSatisfy { $0.ipv6 == nil })
                #expect(try await system.ask(BackfillAddresses()).changes.count == 2)
                let after = try await system.nodes()
                #expect(after.map(\.ipv4) == before.map(\.ipv4))
                #expect(Set(after.compactMap(\.ipv6)).count == 2)
                let map = try await client.reconnect()
                let addresses = try await system.node("laptop").addresses
                try await eventually("both addresses") { map.view.own?.addresses == addresses }
                #expect(addresses.count == 2)
                try await eventually("the peer's, too") { map.view.peer(named: "desk")?.addresses.count == 2 }
                #expect(map.snapshot.faults == [])
            }
        }
    }
}
