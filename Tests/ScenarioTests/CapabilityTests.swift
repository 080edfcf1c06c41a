import Bus
import ControlModel
import Foundation
import IPAddresses
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Capabilities")
    struct Capabilities {
        private typealias Party = (client: SimulatedNode, map: MapSession)

        private static let sharing = "https://tailscale.com/cap/file-sharing"

        @Test("Taildrop works between the devices of one user, not with those of others or with tagged ones")
        func taildrop() async throws {
            try await LocalSystem.run { system in
                let parties = try await Self.parties(system)
                for (_, party) in parties {
                    try await party.client.update { $0.services = [HostService(proto: "peerapi4", port: 4242)] }
                }
                try await eventually("everybody knows where the others take files") {
                    parties.values.allSatisfy { party in
                        party.map.view.peers.count == 3
                            && party.map.view.peers.values.allSatisfy {
                                $0.hostinfo?.services?.first?.proto == "peerapi4"
                            }
                    }
                }
                var pairs: Set<String> = []
                for (name, party) in parties {
                    for target in Self.fileTargets(party.map) { pairs.insert("\(name) > \(target)") }
                }
                #expect(pairs == ["laptop > phone", "phone > laptop"])
            }
        }

        @Test("without Taildrop nobody has it, with a policy or without, whatever attributes say")
        func noTaildrop() async throws {
            try await LocalSystem.run(.init(isTaildropEnabled: false)) { system in
                let laptop = try await Self.parties(system)["laptop"]
                let map = try #require(laptop).map
                #expect(map.view.own?.capMap?[Self.sharing] == nil)
                try await system.publish(
                    1,
                    Self.policy(#""nodeAttrs": [{"target": ["*"], "attr": ["\#(Self.sharing)", "x:y"]}]"#)
                )
                try await eventually("the attributes") { map.view.own?.capMap?.keys.contains("x:y") == true }
                #expect(map.view.own?.capMap?[Self.sharing] == nil)
            }
        }

        @Test("a peer relay is granted to its clients, and they to it, and no way round")
        func relay() async throws {
            try await LocalSystem.run { system in
                let parties = try await Self.parties(system)
                let (laptop, bobs, server) = try (
                    #require(parties["laptop"]), #require(parties["bobs"]), #require(parties["server"])
                )
                try await system.publish(
                    1,
                    """
                    {"tagOwners": {"tag:server": []}, "grants": [
                      {"src": ["autogroup:member"], "dst": ["tag:server"], "app": {"tailscale.com/cap/relay": [{}]}}]}
                    """
                )
                try await eventually("the clients see the relay alone, and it sees them") {
                    laptop.map.view.peers.values.map(\.name) == ["server.\(LocalSystem.baseDomain)."]
                        && bobs.map.view.peers.count == 1 && server.map.view.peers.count == 3
                }
                try await eventually("the grants") {
                    Self.grants("tailscale.com/cap/relay", at: server, from: laptop) != nil
                        && Self.grants("tailscale.com/cap/relay", at: server, from: bobs) != nil
                        && Self.grants("tailscale.com/cap/relay-target", at: laptop, from: server) != nil
                        && Self.grants("tailscale.com/cap/relay-target", at: bobs, from: server) != nil
                }
                for client in [laptop, bobs] {
                    #expect(Self.grants("tailscale.com/cap/relay", at: client, from: server) == nil)
                    #expect(Self.grants("tailscale.com/cap/relay-target", at: server, from: client) == nil)
                    #expect(client.map.view.filters.values.joined().allSatisfy { $0.destinations == nil })
                }
                #expect(Self.grants("tailscale.com/cap/relay", at: laptop, from: bobs) == nil)
                #expect(Self.grants("tailscale.com/cap/relay-target", at: laptop, from: bobs) == nil)
            }
        }

        @Test("Taildrive: who shares and who may mount is an attribute, what may be done there a grant")
        func drive() async throws {
            try await LocalSystem.run { system in
                let parties = try await Self.parties(system)
                let (laptop, bobs, server) = try (
                    #require(parties["laptop"]), #require(parties["bobs"]), #require(parties["server"])
                )
                let drive = "tailscale.com/cap/drive"
                try await system.publish(
                    1,
                    """
                    {"tagOwners": {"tag:server": []}, "grants": [
                      {"src": ["*"], "dst": ["*"], "ip": ["*"]},
                      {"src": ["alice@"], "dst": ["tag:server"], "app": {"\(drive)": [{"shares": ["docs"], "access": "rw"}]}},
                      {"src": ["bob@"], "dst": ["tag:server"], "app": {"\(drive)": [{"shares": ["*"], "access": "ro"}]}}],
                     "nodeAttrs": [{"target": ["tag:server"], "attr": ["drive:share"]},
                                   {"target": ["alice@"], "attr": ["drive:access"]}]}
                    """
                )
                try await eventually("the attributes") {
                    server.map.view.own?.capMap?.keys.contains("drive:share") == true
                        && laptop.map.view.own?.capMap?.keys.contains("drive:access") == true
                }
                #expect(bobs.map.view.own?.capMap?.keys.contains("drive:access") == false)
                #expect(laptop.map.view.own?.capMap?.keys.contains("drive:share") == false)
                try await eventually("the grants") { Self.grants(drive, at: server, from: bobs) != nil }
                let mine = try #require(Self.grants(drive, at: server, from: laptop)).map(\.members)
                #expect(mine == [["access": .string("rw"), "shares": .array([.string("docs")])]])
                let theirs = try #require(Self.grants(drive, at: server, from: bobs)).map(\.members)
                #expect(theirs == [["access": .string("ro"), "shares": .array([.string("*")])]])
                #expect(Self.grants("\(drive)-sharer", at: laptop, from: server) != nil)
                #expect(Self.grants(drive, at: laptop, from: server) == nil)
                #expect(Self.grants(drive, at: bobs, from: laptop) == nil)
            }
        }

        @Test(
            "attributes reach the nodes they name and no others, and go with the policy; the same policy again says nothing"
        )
        func attributes() async throws {
            try await LocalSystem.run { system in
                let parties = try await Self.parties(system)
                let (laptop, bobs, server) = try (
                    #require(parties["laptop"]), #require(parties["bobs"]), #require(parties["server"])
                )
                func has(_ name: String, _ party: Party) -> Bool {
                    party.map.view.own?.capMap?.keys.contains(name) == true
                }
                let policy = Self.policy(
                    #""nodeAttrs": [{"target": ["alice@"], "attr": ["randomize-client-port"]}, "#
                        + #"{"target": ["*"], "attr": ["custom:everybody"]}]"#
                )
                try await system.publish(1, policy)
                try await eventually("everybody's attribute") {
                    parties.values.allSatisfy { has("custom:everybody", $0) }
                }
                #expect(has("randomize-client-port", laptop))
                #expect(!has("randomize-client-port", bobs) && !has("randomize-client-port", server))
                for party in parties.values {
                    for name in [Self.sharing, "https://tailscale.com/cap/ssh", "default-auto-update"] {
                        #expect(has(name, party))
                    }
                    // Attributes are the node's own affair.
                    #expect(party.map.view.peers.values.allSatisfy { $0.capMap?.isEmpty ?? true })
                }
                let before = laptop.map.snapshot.messageCount
                try await system.publish(2, policy)
                let next = try await system.joined("next", key: system.createKey(of: nil, tags: ["tag:server"]))
                try await eventually("the next node is seen") { laptop.map.view.peer(named: "next") != nil }
                let said = laptop.map.snapshot.recent.suffix(laptop.map.snapshot.messageCount - before)
                #expect(said.allSatisfy { $0.node == nil && $0.packetFilters == nil && $0.sshPolicy == nil })
                await next.client.disconnect()
                try await system.publish(3, Self.policy(#""nodeAttrs": []"#))
                try await eventually("the attributes are gone") {
                    parties.values.allSatisfy { !has("custom:everybody", $0) && !has("randomize-client-port", $0) }
                }
                #expect(has(Self.sharing, laptop))
            }
        }

        @Test("an exit node is offered to its peers with the mark that it may be suggested")
        func exitNode() async throws {
            try await LocalSystem.run { system in
                let parties = try await Self.parties(system)
                let (laptop, server) = try (#require(parties["laptop"]), #require(parties["server"]))
                try await system.publish(1, Self.policy(#""autoApprovers": {"exitNode": ["tag:server"]}"#))
                try await server.client.update { $0.routableIPs = ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) } }
                try await eventually("the exit node") {
                    laptop.map.view.peer(named: "server")?.capMap?.keys.contains("suggest-exit-node") == true
                }
                let peer = try #require(laptop.map.view.peer(named: "server"))
                #expect(peer.allowedIPs?.filter { $0.length == 0 }.count == 2)
                #expect(laptop.map.view.peer(named: "phone")?.capMap?.keys.contains("suggest-exit-node") != true)
            }
        }

        /// Two devices of Alice, one of Bob, and a server, all of whom see each other.
        private static func parties(_ system: LocalSystem) async throws -> [String: Party] {
            let (alice, bob) = (try await system.createUser("alice"), try await system.createUser("bob"))
            let key = try await system.createKey(of: alice, isReusable: true)
            var parties: [String: Party] = [:]
            parties["laptop"] = try await system.joined("laptop", key: key)
            parties["phone"] = try await system.joined("phone", key: key)
            parties["bobs"] = try await system.joined("bobs", key: system.createKey(of: bob))
            parties["server"] = try await system.joined("server", key: system.createKey(of: nil, tags: ["tag:server"]))
            let all = parties
            try await eventually("all see each other") { all.values.allSatisfy { $0.map.view.peers.count == 3 } }
            return parties
        }

        private static func policy(_ rest: String) -> String {
            #"{"tagOwners": {"tag:server": []}, "grants": [{"src": ["*"], "dst": ["*", "autogroup:internet"], "ip": ["*"]}], \#(rest)}"#
        }

        /// To whom a client offers to send files, by the rule that it follows.
        private static func fileTargets(_ map: MapSession) -> [String] {
            guard let own = map.view.own, own.capMap?[sharing] != nil, own.tags?.isEmpty ?? true else { return [] }
            return map.view.peers.values.filter { peer in
                peer.user == own.user && peer.tags?.isEmpty ?? true
                    && peer.hostinfo?.services?.contains { $0.proto == "peerapi4" } == true
            }.map { String($0.name.prefix { $0 != "." }) }
        }

        /// The values of a capability that a node grants to whoever comes from another; `nil`: it does not.
        private static func grants(_ name: String, at node: Party, from other: Party) -> [AnyJSON]? {
            let own = node.map.view.own?.addresses.map(\.description) ?? []
            let theirs = other.map.view.own?.addresses.map(\.address.description) ?? []
            var found: [AnyJSON]?
            for rule in node.map.view.filters.values.joined() where rule.takes(theirs) {
                for grant in rule.capabilities ?? [] where grant.destinations.contains(where: own.contains) {
                    if let values = grant.capabilities[name] { found = (found ?? []) + (values ?? []) }
                }
            }
            return found
        }
    }
}
