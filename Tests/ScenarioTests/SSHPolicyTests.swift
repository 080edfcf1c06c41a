import Bus
import ControlModel
import IPAddresses
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("SSH policy")
    struct SSHPolicies {
        private static let tags =
            #""tagOwners": {"tag:server": []}, "nodeAttrs": [{"target": ["*"], "attr": ["custom:marker"]}]"#
        private static let everything = #""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]"#

        /// Two devices of Alice, one of Bob, and a server, under a policy.
        private struct World {
            typealias Party = (client: SimulatedNode, map: MapSession)

            let laptop: Party
            let phone: Party
            let bob: Party
            let server: Party

            init(_ system: LocalSystem, _ policy: String) async throws {
                let alice = try await system.ask(CreateUser(name: "alice", email: "alice@example.com"))
                let bob = try await system.ask(CreateUser(name: "bob", email: "bob@other.test"))
                _ = try await system.ask(SetUserRole(user: alice.id, role: .owner))
                let key = try await system.createKey(of: alice, isReusable: true)
                laptop = try await system.joined("laptop", key: key)
                phone = try await system.joined("phone", key: key)
                self.bob = try await system.joined("bobs", key: system.createKey(of: bob))
                server = try await system.joined("server", key: system.createKey(of: nil, tags: ["tag:server"]))
                try await system.publish(1, policy)
                try await eventually("the policy is in force") {
                    [laptop, phone, self.bob, server].allSatisfy { party in
                        party.map.view.own?.capMap?.keys.contains("custom:marker") == true
                    }
                }
            }

            func action(_ source: Party, _ destination: Party, _ account: String = "dev") throws -> String? {
                guard let action = try SSHSession(from: source.map, to: destination, as: account).action else {
                    return nil
                }
                return action.action["accept"] == .bool(true) ? action.account : "asks"
            }
        }

        @Test("a group may log in everywhere it is let in, others nowhere")
        func group() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags), "groups": {"group:admins": ["alice@example.com"]},
                     "ssh": [{"action": "accept", "src": ["group:admins"], "dst": ["autogroup:member", "tag:server"],
                              "users": ["autogroup:nonroot"]}]}
                    """
                )
                for target in [world.phone, world.bob, world.server] {
                    #expect(try world.action(world.laptop, target) == "dev")
                    #expect(try world.action(world.laptop, target, "root") == nil)
                }
                for target in [world.laptop, world.phone, world.server] {
                    #expect(try world.action(world.bob, target) == nil)
                }
                #expect(try world.action(world.server, world.laptop) == nil)
            }
        }

        @Test("members of a group reach their own devices with autogroup:self, and nobody else's")
        func ownOfGroup() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags),
                     "groups": {"group:all": ["alice@example.com", "bob@other.test"]},
                     "ssh": [{"action": "accept", "src": ["group:all"], "dst": ["autogroup:self"],
                              "users": ["autogroup:nonroot"]}]}
                    """
                )
                #expect(try world.action(world.laptop, world.phone) == "dev")
                #expect(try world.action(world.phone, world.laptop) == "dev")
                #expect(try world.action(world.laptop, world.bob) == nil)
                #expect(try world.action(world.bob, world.laptop) == nil)
                #expect(try world.action(world.laptop, world.server) == nil)
            }
        }

        @Test("without an SSH section nobody logs in, though the network lets them through")
        func noSection() async throws {
            try await LocalSystem.run { system in
                let world = try await World(system, "{\(Self.everything), \(Self.tags)}")
                let session = try SSHSession(from: world.laptop.map, to: world.phone, as: "dev")
                #expect(session.isReachable)
                #expect(try await session.open() == .denied)
                #expect(world.phone.map.view.sshRules == [])
            }
        }

        @Test("an SSH rule gives no way through the network")
        func noNetwork() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {"grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:80"]}], \(Self.tags),
                     "ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"],
                              "users": ["autogroup:nonroot"]}]}
                    """
                )
                let session = try SSHSession(from: world.laptop.map, to: world.phone, as: "dev")
                #expect(session.action != nil)
                #expect(!session.isReachable)
            }
        }

        @Test("rules for single users reach the machines of that user alone")
        func singleUsers() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags), "ssh": [
                      {"action": "accept", "src": ["alice@example.com"], "dst": ["alice@example.com"],
                       "users": ["autogroup:nonroot"]},
                      {"action": "accept", "src": ["bob@other.test"], "dst": ["bob@other.test"],
                       "users": ["autogroup:nonroot"]}]}
                    """
                )
                #expect(try world.action(world.laptop, world.phone) == "dev")
                #expect(try world.action(world.bob, world.bob) == "dev")
                #expect(try world.action(world.laptop, world.bob) == nil)
                #expect(try world.action(world.bob, world.phone) == nil)
            }
        }

        @Test("autogroup:self lets everybody on their own machines and on no others")
        func own() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags), "ssh": [
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root"]}]}
                    """
                )
                #expect(try world.action(world.phone, world.laptop, "root") == "root")
                #expect(try world.action(world.phone, world.laptop) == nil)
                #expect(try world.action(world.phone, world.bob, "root") == nil)
                #expect(try world.action(world.bob, world.phone, "root") == nil)
                #expect(try world.action(world.laptop, world.server, "root") == nil)
            }
        }

        @Test(
            "localpart: lets users in under the part of their address before the @, where their domain is the network's"
        )
        func localPart() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags), "ssh": [
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["tag:server"],
                       "users": ["localpart:*@example.com"]}]}
                    """
                )
                #expect(try world.action(world.laptop, world.server, "alice") == "alice")
                #expect(try world.action(world.laptop, world.server, "bob") == nil)
                #expect(try world.action(world.laptop, world.server, "root") == nil)
                #expect(try world.action(world.bob, world.server, "alice") == nil)
                #expect(try world.action(world.bob, world.server, "bob") == nil)
            }
        }

        @Test("recorders and what happens without them stand in the rules")
        func recorders() async throws {
            try await LocalSystem.run { system in
                let world = try await World(
                    system,
                    """
                    {\(Self.everything), \(Self.tags), "ssh": [
                      {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root"],
                       "recorder": ["tag:server"], "enforceRecorder": true}]}
                    """
                )
                let session = try SSHSession(from: world.laptop.map, to: world.phone, as: "root")
                let action = try #require(session.action?.action)
                let recorders = action["recorders"]?.list ?? []
                let failure = action["onRecordingFailure"]?.members ?? [:]
                let server = try #require(world.server.map.view.own).addresses.map(\.address)
                #expect(
                    recorders.contains(.string("\(server[0]):80")) && recorders.contains(.string("[\(server[1])]:80"))
                )
                #expect(failure["RejectSessionWithMessage"] != nil && failure["TerminateSessionWithMessage"] != nil)
                let url = try #require(failure["NotifyURL"]?.text)
                let key = await world.phone.client.nodeKey.publicKey
                let body =
                    #"{"EventType":2,"ConnectionID":"c","NodeKey":"\#(key.text)","SrcNode":1,"LocalUser":"root"}"#
                let told = try await world.phone.client.post(url.pathAndQuery, body)
                #expect(told.status == 201)
                #expect(try await world.laptop.client.post(url.pathAndQuery, body).status == 404)
            }
        }
    }
}
