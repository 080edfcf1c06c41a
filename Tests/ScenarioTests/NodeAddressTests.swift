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

        @Test(
            "after a change of the prefix nodes keep their addresses until somebody has them moved; then all are told"
        )
        func moved() async throws {
            var options = LocalSystem.Options()
            options.ipv4Prefix = IPPrefix("100.64.0.0/16")
            try await LocalSystem.run(options) { system in
                let (client, _) = try await system.joined("laptop")
                let (other, _) = try await system.joined("desk")
                let before = try await system.nodes()
                let prefix = try #require(IPPrefix("100.80.0.0/16"))
                try await system.restart { $0.ipv4Prefix = prefix }
                #expect(try await system.nodes().map(\.addresses) == before.map(\.addresses))
                let (map, peer) = (try await client.reconnect(), try await other.reconnect())
                try await eventually("they see each other") {
                    map.view.peer(named: "desk") != nil && peer.view.peer(named: "laptop") != nil
                }
                let plan = try await system.ask(PlanAddressBackfill())
                #expect(plan.nodes == 2 && plan.changes.count == 2)
                #expect(try await system.nodes().map(\.ipv4) == before.map(\.ipv4))
                #expect(try await system.ask(BackfillAddresses()).isComplete)
                let after = try await system.nodes()
                #expect(after.map(\.ipv6) == before.map(\.ipv6))
                #expect(after.allSatisfy { node in node.ipv4.map { prefix.contains(.v4($0)) } == true })
                #expect(try await system.ask(PlanAddressBackfill()) == .init(changes: [], nodes: 0))
                let (laptop, desk) = (try await system.node("laptop"), try await system.node("desk"))
                try await eventually("own and peers' new addresses") {
                    map.view.own?.addresses == laptop.addresses && peer.view.own?.addresses == desk.addresses
                        && map.view.peer(named: "desk")?.addresses == desk.addresses
                        && peer.view.peer(named: "laptop")?.addresses == laptop.addresses
                }
                let records = try await system.ask(ListAuditRecords(query: AuditQuery(limit: 2)))
                #expect(records.map(\.cause.action) == Array(repeating: BackfillAddresses.subject, count: 2))
                for record in records {
                    let old = try #require(before.first { $0.id.rawValue == record.target.id })
                    let new = try #require(after.first { $0.id.rawValue == record.target.id })
                    #expect(record.before["addresses"] == old.addresses.map { "\($0.address)" }.joined(separator: ","))
                    #expect(record.after["addresses"] == new.addresses.map { "\($0.address)" }.joined(separator: ","))
                }
                for map in [map, peer] { #expect(map.snapshot.faults == []) }
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
