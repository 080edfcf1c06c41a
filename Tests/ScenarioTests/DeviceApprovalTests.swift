import Bus
import ControlModel
import Foundation
import Keys
import OpenIDConnect
import RegistryService
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Device approval")
    struct DeviceApprovals {
        private static let required = LocalSystem.Options(deviceApproval: DeviceApproval(isRequired: true))

        /// A client that came by a key and waits for approval, with its first map.
        private static func waiting(
            _ system: LocalSystem,
            _ hostname: String,
            key: String
        ) async throws -> (client: SimulatedNode, map: MapSession) {
            let client = await system.client(hostname)
            let answer = try await client.register(authKey: key)
            #expect(answer.error == "" && answer.authURL == "" && !answer.isMachineAuthorized)
            let map = try await client.startMap()
            try await eventually("its first map") { map.view.own != nil }
            return (client, map)
        }

        @Test("a device that nobody approved sees nobody and is seen by nobody, and is in at once when it is approved")
        func waits() async throws {
            try await LocalSystem.run(Self.required) { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: user, isReusable: true)
                let approved = try await system.createKey(of: user, isReusable: true, isPreapproved: true)
                let (_, watcher) = try await system.joined("watcher", key: approved)
                let (client, map) = try await Self.waiting(system, "laptop", key: key)
                #expect(map.view.own?.isMachineAuthorized != true)
                #expect(map.view.own?.addresses.count == 2)
                #expect(map.view.peers.isEmpty)
                // Another that comes later is seen by neither of the two that wait or watch.
                let (_, other) = try await Self.waiting(system, "phone", key: key)
                #expect(other.view.peers.isEmpty)
                #expect(try await client.register().isMachineAuthorized == false)
                let (_, late) = try await system.joined("late", key: approved)
                try await eventually("those that are in see each other") {
                    watcher.view.peers.count == 1 && late.view.peers.count == 1
                }
                let node = try await system.node("laptop")
                #expect(!node.isApproved)
                _ = try await system.ask(ApproveNode(node: node.id))
                try await eventually("the node knows, and sees who is in") {
                    map.view.own?.isMachineAuthorized == true && map.view.peers.count == 2
                }
                try await eventually("it is seen") { watcher.view.peer(named: "laptop") != nil }
                #expect(watcher.view.peer(named: "phone") == nil && other.view.peers.isEmpty)
                #expect(try await client.register().isMachineAuthorized)
                for session in [watcher, map, other, late] { #expect(session.snapshot.faults == []) }
            }
        }

        @Test("an approval that is taken back hides the node again")
        func withdrawn() async throws {
            try await LocalSystem.run(Self.required) { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: user, isReusable: true, isPreapproved: true)
                let (_, watcher) = try await system.joined("watcher", key: key)
                let (_, map) = try await system.joined("laptop", key: key)
                try await eventually("both see each other") {
                    watcher.view.peers.count == 1 && map.view.peers.count == 1
                }
                let node = try await system.node("laptop")
                _ = try await system.ask(ApproveNode(node: node.id, isApproved: false))
                try await eventually("nobody sees anybody") { watcher.view.peers.isEmpty && map.view.peers.isEmpty }
                try await eventually("the node knows") { map.view.own?.isMachineAuthorized != true }
                _ = try await system.ask(ApproveNode(node: node.id))
                try await eventually("both see each other again") {
                    watcher.view.peers.count == 1 && map.view.peers.count == 1
                }
                #expect(watcher.snapshot.faults == [] && map.snapshot.faults == [])
            }
        }

        @Test("under a policy a device that waits is in nobody's filter, and has rules of its own once it is approved")
        func policy() async throws {
            try await LocalSystem.run(Self.required) { system in
                let user = try await system.createUser("alice")
                let key = try await system.createKey(of: user, isReusable: true)
                let approved = try await system.createKey(of: user, isReusable: true, isPreapproved: true)
                try await system.setPolicy(#"{"grants": [{"src": ["alice@"], "dst": ["alice@"], "ip": ["tcp:22"]}]}"#)
                let (_, watcher) = try await system.joined("watcher", key: approved)
                try await eventually("its own addresses") {
                    watcher.view.filters["base"]?.first?.sources.count == 2
                }
                let (_, map) = try await Self.waiting(system, "laptop", key: key)
                #expect(map.view.filters["base"] == .some([]))
                #expect(watcher.view.filters["base"]?.first?.sources.count == 2)
                let alone = watcher.view.filters["base"]?.first?.sources
                _ = try await system.ask(ApproveNode(node: try await system.node("laptop").id))
                // Neighbouring addresses are told as one range, so they are not counted.
                try await eventually("other sources, the same at both") {
                    let sources = watcher.view.filters["base"]?.first?.sources
                    return sources != nil && sources != alone && map.view.filters["base"]?.first?.sources == sources
                }
                #expect(watcher.snapshot.faults == [] && map.snapshot.faults == [])
            }
        }

        @Test(
            "approval lasts: over a restart, a new key, and a logout; another user's node on the device needs its own"
        )
        func lasts() async throws {
            try await LocalSystem.run(Self.required) { system in
                let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
                let key = try await system.createKey(of: alice, isReusable: true)
                let client = await system.client("laptop")
                try await client.register(authKey: key)
                let node = try await system.node()
                _ = try await system.ask(ApproveNode(node: node.id))
                try await system.restart()
                #expect(try await client.register().isMachineAuthorized)
                #expect(try await client.renewKey(authKey: key).isMachineAuthorized)
                try await client.logout()
                #expect(try await client.startOver(authKey: key).isMachineAuthorized)
                let others = try await system.createKey(of: bob)
                let answer = try await client.renewKey(authKey: others)
                #expect(answer.error == "" && !answer.isMachineAuthorized)
                #expect(try await system.nodes().map(\.isApproved) == [true, false])
            }
        }

        @Test("a node of a device that waited is approved by a key that says so")
        func laterKey() async throws {
            try await LocalSystem.run(Self.required) { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                try await client.register(authKey: system.createKey(of: user))
                #expect(try await !system.node().isApproved)
                let key = try await system.createKey(of: user, isPreapproved: true)
                #expect(try await client.renewKey(authKey: key).isMachineAuthorized)
                #expect(try await system.node().isApproved)
            }
        }

        @Test("users and tags that the configuration names are approved when they come; mixed tags are not")
        func rules() async throws {
            var options = LocalSystem.Options()
            options.deviceApproval = DeviceApproval(
                isRequired: true,
                users: ["alice"],
                tags: ["tag:server", "tag:db"]
            )
            try await LocalSystem.run(options) { system in
                let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
                let cases: [(User?, [String], Bool)] = [
                    (alice, [], true), (bob, [], false), (nil, ["tag:server"], true),
                    (nil, ["tag:db", "tag:server"], true), (nil, ["tag:db", "tag:other"], false),
                    (alice, ["tag:other"], false),
                ]
                for (number, (user, tags, isApproved)) in cases.enumerated() {
                    let key = try await system.createKey(of: user, tags: tags)
                    let answer = try await system.client("box\(number)").register(authKey: key)
                    #expect(answer.error == "")
                    #expect(answer.isMachineAuthorized == isApproved, "\(tags)")
                }
            }
        }

        @Test("an administrator who lets a device in approves it by that")
        func byAdministrator() async throws {
            try await LocalSystem.run(Self.required) { system in
                let user = try await system.createUser("alice")
                let client = await system.client("laptop")
                let url = try await client.register().authURL
                #expect(try await system.approve(url, for: user).isApproved)
                #expect(try await client.follow(url).isMachineAuthorized)
            }
        }

        @Test("who logs in through a provider waits, unless a group of theirs is approved")
        func provider() async throws {
            try await ProviderProcess.run { provider in
                try await provider.set("anna", claims: #"{"preferred_username":"anna","groups":["staff"]}"#)
                try await provider.set("bert", claims: #"{"preferred_username":"bert","groups":["guests"]}"#)
                var options = LocalSystem.Options()
                options.providers = [
                    OIDCSettings(
                        issuer: provider.issuer,
                        clientID: "swiftscale",
                        clientSecret: "secret",
                        redirectURL: "http://127.0.0.1/oidc/callback"
                    )
                ]
                options.deviceApproval = DeviceApproval(isRequired: true, groups: ["staff"])
                try await LocalSystem.run(options) { system in
                    let laptop = await system.client("laptop")
                    #expect(try await system.login(laptop, through: provider, as: "anna").isApproved)
                    let phone = await system.client("phone")
                    let node = try await system.login(phone, through: provider, as: "bert")
                    #expect(!node.isApproved)
                    let map = try await phone.startMap()
                    try await eventually("its map") { map.view.own?.isMachineAuthorized != true && map.view.own != nil }
                    _ = try await system.ask(ApproveNode(node: node.id))
                    try await eventually("it is in") { map.view.own?.isMachineAuthorized == true }
                }
            }
        }

        @Test("where no approval is needed every device is approved")
        func notRequired() async throws {
            try await LocalSystem.run { system in
                let (_, map) = try await system.joined("laptop")
                #expect(map.view.own?.isMachineAuthorized == true)
                #expect(try await system.node().isApproved)
            }
        }
    }
}
