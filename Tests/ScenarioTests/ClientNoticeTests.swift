import ControlGatewayService
import ControlModel
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("What clients are told of releases and the tailnet's name")
    struct ClientNotices {
        private static func joined(
            _ system: LocalSystem,
            _ hostname: String,
            version: String
        ) async throws -> (client: SimulatedNode, map: MapSession) {
            let client = await system.client(hostname)
            await client.describe { ($0.clientVersion, $0.goVersion) = (version, "go1.26") }
            let answer = try await client.register(authKey: try await system.key())
            try #require(answer.error == "")
            let map = try await client.startMap()
            try await eventually("the first map of \(hostname)") { map.view.own != nil }
            return (client, map)
        }

        @Test("a client with an older release is told of the newer one, and no more once it has it")
        func update() async throws {
            var options = LocalSystem.Options()
            options.clientReleases = ClientReleases(
                latest: try #require(ClientRelease("1.96.5")),
                urgentBelow: ClientRelease("1.92.0"),
                isNotifying: true,
                url: "https://example.com/get",
                text: "Please update."
            )
            try await LocalSystem.run(options) { system in
                let (old, map) = try await Self.joined(system, "old", version: "1.90.9-tabc-g123")
                let first = try #require(map.snapshot.messages(after: 0).first?.clientVersion)
                #expect(first.latestVersion == "1.96.5" && first.urgentSecurityUpdate == true)
                #expect(first.notify == true && first.notifyURL == "https://example.com/get")
                #expect(first.notifyText == "Please update." && first.runningLatest == nil)
                let (_, other) = try await Self.joined(system, "new", version: "1.96.5-tabc-g123")
                #expect(other.snapshot.messages(after: 0).first?.clientVersion?.runningLatest == true)
                try await eventually("news") { map.view.peer(named: "new")?.isOnline == true }
                #expect(map.snapshot.messages(after: 1).allSatisfy { $0.clientVersion == nil })
                // Updated: what it says in its request counts, not yet the registry's row.
                await old.describe { $0.clientVersion = "1.96.5-tabc-g123" }
                let again = try await old.reconnect()
                try await eventually("its map") { again.view.own != nil }
                #expect(again.snapshot.messages(after: 0).first?.clientVersion?.runningLatest == true)
                #expect(again.snapshot.faults == [] && map.snapshot.faults == [])
            }
        }

        @Test("the tailnet's name is an attribute of each node, with and without a policy")
        func name() async throws {
            var options = LocalSystem.Options()
            options.tailnetName = "Foo's Tailnet"
            try await LocalSystem.run(options) { system in
                let (_, map) = try await system.joined("laptop")
                #expect(map.view.own?.capMap?["tailnet-display-name"] == [.string("Foo's Tailnet")])
                #expect(map.snapshot.messages(after: 0).first?.clientVersion == nil)
                try await system.setPolicy(#"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#)
                let (_, other) = try await system.joined("other")
                try await eventually("the policy is in force") {
                    !map.view.filters.isEmpty && !other.view.filters.isEmpty
                }
                for view in [map.view, other.view] {
                    #expect(view.own?.capMap?["tailnet-display-name"] == [.string("Foo's Tailnet")])
                }
                let peer = try #require(other.view.peer(named: "laptop"))
                #expect(peer.capMap?["tailnet-display-name"] == nil)
            }
        }
    }
}
