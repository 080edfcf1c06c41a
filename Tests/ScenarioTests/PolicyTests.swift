import Bus
import ControlModel
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Policy")
    struct Policies {
        private static let tags = #""tagOwners": {"tag:web": [], "tag:db": []}"#

        @Test("a new policy changes peers and filters of connected clients, and its end gives them back")
        func newPolicy() async throws {
            try await LocalSystem.run { system in
                let maps = try await Self.threeNodes(system)
                try await system.publish(
                    1,
                    """
                    {"grants": [{"src": ["alice@"], "dst": ["tag:web"], "ip": ["tcp:443"]}], \(Self.tags)}
                    """
                )
                try await eventually("the laptop sees the web server alone") {
                    maps.laptop.view.peers.count == 1 && maps.laptop.view.peer(named: "web") != nil
                }
                try await eventually("the database sees nobody and lets nobody in") {
                    maps.database.view.peers.isEmpty && maps.database.view.filters["base"] == []
                }
                let laptop = try #require(maps.laptop.view.own)
                try await eventually("the web server lets the laptop in, on its port") {
                    let rule = maps.web.view.filters["base"]?.first
                    return rule?.sources == laptop.addresses.map(\.address.description)
                        && rule?.destinations?.allSatisfy { $0.ports.first == 443 && $0.ports.last == 443 } == true
                }
                try await system.publish(2, #"{"grants": []}"#)
                try await eventually("access is gone") {
                    maps.laptop.view.peers.isEmpty && maps.web.view.filters["base"] == []
                }
                try await system.publish(3, nil)
                try await eventually("everybody sees everybody") {
                    maps.laptop.view.peers.count == 2 && maps.database.view.peers.count == 2
                        && maps.web.view.filters["base"]?.first?.sources == ["*"]
                }
                for map in [maps.laptop, maps.web, maps.database] { #expect(map.snapshot.faults == []) }
            }
        }

        @Test("a policy that cannot be read leaves the last good one in force")
        func unreadable() async throws {
            try await LocalSystem.run { system in
                let maps = try await Self.threeNodes(system)
                try await system.publish(1, #"{"grants": []}"#)
                try await eventually("nobody sees anybody") { maps.laptop.view.peers.isEmpty }
                try await system.publish(2, #"{"grants": [{"src": ["tag:none"]}]}"#)
                try await system.publish(
                    3,
                    #"{"grants": [{"src": ["tag:db"], "dst": ["tag:web"], "ip": ["*"]}], "#
                        + "\(Self.tags)}"
                )
                try await eventually("the next good one") { maps.web.view.peer(named: "db") != nil }
                #expect(maps.laptop.view.peers.isEmpty)
                #expect(maps.laptop.snapshot.faults == [])
            }
        }

        @Test("a client that joins under a policy has the right map from its first message")
        func joins() async throws {
            try await LocalSystem.run { system in
                let maps = try await Self.threeNodes(system)
                try await system.publish(
                    1,
                    """
                    {"grants": [{"src": ["alice@"], "dst": ["tag:web"], "ip": ["*"]}], \(Self.tags)}
                    """
                )
                try await eventually("the policy is in force") { maps.database.view.peers.isEmpty }
                let (_, phone) = try await system.joined("phone")
                let first = try #require(phone.snapshot.recent.first)
                #expect(first.peers?.map(\.name) == ["web.\(LocalSystem.baseDomain)."])
                #expect(first.packetFilters?["base"] == .some([]))
                try await eventually("the web server sees it") { maps.web.view.peer(named: "phone") != nil }
                try await eventually("and lets it in") {
                    maps.web.view.filters["base"]?.first?.sources.count == 4
                }
                #expect(maps.laptop.view.peer(named: "phone") == nil)
                #expect(phone.snapshot.faults == [])
            }
        }

        private struct Maps {
            var laptop: MapSession
            var web: MapSession
            var database: MapSession
        }

        /// A node of a user and two tagged ones, who all see each other.
        private static func threeNodes(_ system: LocalSystem) async throws -> Maps {
            let (_, laptop) = try await system.joined("laptop")
            let web = try await system.createKey(of: nil, tags: ["tag:web"])
            let database = try await system.createKey(of: nil, tags: ["tag:db"])
            let maps = Maps(
                laptop: laptop,
                web: try await system.joined("web", key: web).map,
                database: try await system.joined("db", key: database).map
            )
            try await eventually("all see each other") {
                [maps.laptop, maps.web, maps.database].allSatisfy { $0.view.peers.count == 2 }
            }
            return maps
        }
    }
}
