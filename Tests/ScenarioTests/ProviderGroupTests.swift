import Bus
import ControlModel
import OpenIDConnect
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Groups of a login provider")
    struct ProviderGroups {
        private static let policy = #"""
            {"groups": {"group:dev": ["oidc:developers"], "group:ops": ["bob@"]}, "tagOwners": {"tag:web": []},
            "grants": [{"src": ["group:dev", "group:ops"], "dst": ["tag:web"], "ip": ["tcp:443"]}]}
            """#

        private func with(
            _ change: @escaping @Sendable (inout OIDCSettings) -> Void = { _ in },
            _ body: (LocalSystem, ProviderProcess) async throws -> Void
        ) async throws {
            try await ProviderProcess.run { provider in
                var settings = OIDCSettings.test(provider)
                change(&settings)
                try await LocalSystem.run(.init(providers: [settings])) { system in try await body(system, provider) }
            }
        }

        /// A server that says who reaches it.
        private func server(_ system: LocalSystem) async throws -> MapSession {
            let key = try await system.createKey(of: nil, tags: ["tag:web"])
            let map = try await system.joined("web", key: key).map
            try await system.publish(1, Self.policy)
            try await eventually("the policy is in force") { map.view.filters["base"] == [] }
            return map
        }

        @Test("who is in a group at the provider reaches what the policy gives it, until a login says otherwise")
        func followed() async throws {
            try await with { system, provider in
                let web = try await server(system)
                try await provider.set("anna", claims: #"{"groups":["staff"]}"#)
                let laptop = await system.client("laptop")
                _ = try await system.login(laptop, through: provider, as: "anna")
                let map = try await laptop.startMap()
                try await eventually("the first map") { map.view.own != nil }
                #expect(map.view.peers.isEmpty && web.view.peers.isEmpty)

                // The groups are the user's, not the device's: a second device of theirs brings the news for the first.
                let phone = await system.client("phone")
                try await provider.set("anna", claims: #"{"groups":["staff","developers"]}"#)
                let node = try await system.login(phone, through: provider, as: "anna")
                try await eventually("both devices reach the server") {
                    web.view.peers.count == 2 && map.view.peer(named: "web") != nil
                }
                try await eventually("and are let in") {
                    // Addresses side by side may be told as one range.
                    web.view.filters["base"]?.first?.sources.isEmpty == false
                }
                #expect(node.user != nil)

                try await provider.set("anna", claims: "{}")
                _ = try await system.login(phone, through: provider, as: "anna", renewing: true)
                try await eventually("none reaches it any more") {
                    web.view.peers.isEmpty && map.view.peers.isEmpty && web.view.filters["base"] == []
                }
                #expect(web.snapshot.faults == [] && map.snapshot.faults == [])
            }
        }

        @Test("a device whose owner comes with the right group has its access in its first map")
        func firstMap() async throws {
            try await with { system, provider in
                let web = try await server(system)
                try await provider.set("anna", claims: #"{"groups":"developers"}"#)
                let laptop = await system.client("laptop")
                _ = try await system.login(laptop, through: provider, as: "anna")
                let map = try await laptop.startMap()
                try await eventually("the first map") { map.view.own != nil }
                #expect(map.snapshot.recent.first?.peers?.map(\.name) == ["web.\(LocalSystem.baseDomain)."])
                try await eventually("the server sees it") { web.view.peer(named: "laptop") != nil }
            }
        }

        @Test("a provider's group of a name that the policy defines by hand adds nobody to it")
        func notWidened() async throws {
            try await with { system, provider in
                let web = try await server(system)
                let bob = try await system.createUser("bob")
                try await provider.set("eve", claims: #"{"groups":["ops","group:ops","bob@","group:dev","dev"]}"#)
                _ = try await system.login(system.client("laptop"), through: provider, as: "eve")
                let key = try await system.createKey(of: bob)
                let (_, own) = try await system.joined("bobs", key: key)
                try await eventually("the members by hand are in") { web.view.peer(named: "bobs") != nil }
                #expect(own.view.peers.count == 1 && web.view.peers.count == 1)
            }
        }

        @Test(
            "groups may stand anywhere in the claims",
            arguments: [
                ("realm_access.roles", #"{"realm_access":{"roles":["developers"]}}"#),
                ("https://example.com/groups", #"{"https://example.com/groups":["developers"]}"#),
                ("https://example.com/a.b", #"{"https://example.com/a":{"b":["developers"]}}"#),
            ]
        )
        func claimPaths(path: String, claims: String) async throws {
            try await with({ $0.groupsClaim = path }) { system, provider in
                try await provider.set("anna", claims: claims)
                _ = try await system.login(system.client("laptop"), through: provider, as: "anna")
                #expect(try await system.ask(ListUsers()).first?.identity?.groups == ["developers"])
            }
        }

        @Test("groups outlive a restart, and work from its first moment")
        func restart() async throws {
            try await with { system, provider in
                try await provider.set("anna", claims: #"{"groups":["developers"]}"#)
                let key = try await system.createKey(of: nil, tags: ["tag:web"])
                let (server, _) = try await system.joined("web", key: key)
                let policies: SetPolicy.Response = try await system.ask(SetPolicy(text: Self.policy, author: "test"))
                #expect(policies.policy?.text == Self.policy)
                _ = try await system.login(system.client("laptop"), through: provider, as: "anna")
                try await system.restart()
                let map = try await server.startMap()
                try await eventually("the server sees the laptop") { map.view.peer(named: "laptop") != nil }
            }
        }
    }
}
