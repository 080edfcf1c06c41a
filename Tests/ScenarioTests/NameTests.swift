import Bus
import ControlModel
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Names")
    struct Names {
        @Test(
            "a host name becomes a label of the base domain",
            arguments: [
                ("laptop", "laptop"), ("My Laptop", "my-laptop"), ("UPPER.example.com", "upper-example-com"),
                ("mac.local", "mac"),
                ("under_score", "under-score"),
            ]
        )
        func label(hostname: String, expected: String) async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined(hostname)
                #expect(map.view.own?.name == "\(expected).\(LocalSystem.baseDomain).")
            }
        }

        @Test("host names that make no label still make a name", arguments: ["", "...", "-", "日本語", "🚀"])
        func strange(hostname: String) async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined(hostname)
                let name = try #require(map.view.own?.name)
                let label = try #require(name.split(separator: ".").first)
                #expect(name == "\(label).\(LocalSystem.baseDomain).")
                #expect((1...63).contains(label.utf8.count))
                #expect(label.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) })
                #expect(label.first != "-")
                #expect(label.last != "-")
            }
        }

        @Test("two nodes of one host name get different names, and keep them")
        func collision() async throws {
            try await LocalSystem.run { system in
                let (first, firstMap) = try await system.joined("twin")
                let (second, secondMap) = try await system.joined("twin")
                let names = [firstMap.view.own?.name, secondMap.view.own?.name]
                #expect(names[0] == "twin.\(LocalSystem.baseDomain).")
                #expect(names[0] != names[1])
                #expect(names[1]?.hasPrefix("twin-") == true)
                let again = [try await first.reconnect(), try await second.reconnect()]
                for (map, name) in zip(again, names) {
                    try await eventually("the same name") { map.view.own?.name == name }
                }
            }
        }

        @Test("a very long host name makes a label that DNS can carry")
        func long() async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined(String(repeating: "a", count: 200))
                let (_, twin) = try await system.joined(String(repeating: "a", count: 200))
                for name in [map.view.own?.name, twin.view.own?.name] {
                    let label = try #require(name?.split(separator: ".").first)
                    #expect(label.utf8.count <= 63)
                }
                #expect(map.view.own?.name != twin.view.own?.name)
            }
        }

        @Test("a host name that changes renames the node for itself and its peers")
        func hostnameChanges() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "before")
                let own = try #require(await pair.other.session)
                try await pair.other.update { $0.hostname = "after" }
                try await eventually("the peer's new name") { map.view.peer(named: "after") != nil }
                try await eventually("the own new name") { own.view.own?.name == "after.\(LocalSystem.baseDomain)." }
                #expect(map.view.peers.count == 1)
                #expect(map.snapshot.faults == [])
            }
        }

        @Test("a name that an administrator gives stays when the host name changes")
        func administratorsName() async throws {
            try await LocalSystem.run { system in
                let (pair, map) = try await system.settledPair("watcher", "before")
                let node = try #require(try await system.nodes().first { $0.hostname == "before" })
                _ = try await system.ask(RenameNode(node: node.id, name: "chosen"))
                try await eventually("the peer's new name") { map.view.peer(named: "chosen") != nil }
                let own = try #require(await pair.other.session)
                try await eventually("the own new name") { own.view.own?.name == "chosen.\(LocalSystem.baseDomain)." }
                try await pair.other.update(homeDERP: 901) { $0.hostname = "after" }
                try await eventually("the report") { map.view.peer(named: "chosen")?.homeDERP == 901 }
                #expect(map.view.peer(named: "after") == nil)
                try await eventually("what the client calls itself is known all the same") {
                    try await system.nodes().first { $0.id == node.id }?.hostname == "after"
                }
                await #expect(throws: (any Error).self) {
                    try await system.ask(RenameNode(node: node.id, name: "watcher"))
                }
            }
        }
    }
}
