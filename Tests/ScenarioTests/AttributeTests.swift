import Bus
import ControlModel
import Foundation
import Keys
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    /// What is set of devices from outside, and what policies make of it.
    @Suite("Attributes of devices")
    struct Attributes {
        private static let policy = """
            {"tagOwners": {"tag:server": []},
             "postures": {"posture:prod": ["custom:tier == 'prod'"], "posture:trusted": ["custom:score IS SET", "custom:score >= 5"]},
             "grants": [{"src": ["alice@", "bob@"], "dst": ["tag:server"], "ip": ["*"],
               "srcPosture": ["posture:prod", "posture:trusted"]}]}
            """

        private static func set(
            _ system: LocalSystem,
            _ node: String,
            _ name: String,
            _ value: DeviceAttribute.Value?,
            for duration: TimeInterval? = nil
        ) async throws {
            let attribute = value.map {
                DeviceAttribute(
                    name: name,
                    value: $0,
                    expiry: duration.map { system.time.now.addingTimeInterval($0) },
                    comment: "test"
                )
            }
            _ = try await system.ask(
                SetNodeAttribute(node: try await system.node(node).id, name: name, attribute: attribute)
            )
        }

        private static func attributes(
            _ system: LocalSystem,
            _ node: String
        ) async throws -> [String: DeviceAttribute.Value] {
            let list = try await system.node(node).attributes
            return Dictionary(list.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        }

        @Test("access comes with an attribute at once, and goes when it is changed, removed, or ends by itself")
        func life() async throws {
            try await LocalSystem.run { system in
                let world = try await AccessWorld(system)
                try await system.setPolicy(Self.policy)
                try await world.expect("")
                try await Self.set(system, "a1", "custom:tier", .string("prod"))
                try await world.expect("a1>s")
                try await Self.set(system, "a2", "custom:tier", .string("prod"), for: 3600)
                try await Self.set(system, "b1", "custom:score", .number(4))
                try await Self.set(system, "b2", "custom:score", .number(5))
                try await world.expect("a1>s a2>s b2>s")
                try await eventually("the policy service sees it as well") {
                    let answer = try await system.ask(ExplainAccess(source: "a2", destination: "s:80"))
                    return answer.answers.allSatisfy(\.allowed) && !answer.answers.isEmpty
                }
                system.time.advance(by: .seconds(3601))
                try await world.expect("a1>s b2>s")
                #expect(try await system.node("a2").attributes == [])
                try await Self.set(system, "a1", "custom:tier", .string("lab"))
                try await Self.set(system, "b1", "custom:score", .number(7))
                try await world.expect("b*>s")
                for name in ["b1", "b2"] { try await Self.set(system, name, "custom:score", nil) }
                try await world.expect("")
                for party in world.parties.values { #expect(party.map.snapshot.faults == []) }
                let records = try await system.ask(ListAuditRecords(query: AuditQuery()))
                let ended = try #require(records.first { $0.cause.action == "registry.attribute.end" })
                #expect(ended.cause.actor == "server" && ended.after == ["custom:tier": ""])
                #expect(ended.before["custom:tier"]?.hasPrefix("'prod' until ") == true)
                #expect(ended.before["custom:tier"]?.hasSuffix(" (test)") == true)
                let changed = try #require(records.first { $0.after["custom:tier"]?.hasPrefix("'lab'") == true })
                #expect(changed.before == ["custom:tier": "'prod' (test)"])
            }
        }

        @Test("attributes, and their ends, outlive a restart; what ended meanwhile is gone after it")
        func restart() async throws {
            try await LocalSystem.run { system in
                let (laptop, _) = try await system.joined("laptop")
                let (phone, _) = try await system.joined("phone")
                let key = try await system.createKey(of: nil, tags: ["tag:server"])
                let (server, _) = try await system.joined("server", key: key)
                try await system.setPolicy(Self.policy)
                try await Self.set(system, "laptop", "custom:tier", .string("prod"))
                try await Self.set(system, "phone", "custom:tier", .string("prod"), for: 60)
                try await system.stop()
                system.time.advance(by: .seconds(61))
                try await system.start()
                let map = try await server.reconnect()
                _ = (try await laptop.reconnect(), try await phone.reconnect())
                try await eventually("the laptop is seen, the phone is not") {
                    map.view.peer(named: "laptop") != nil && map.view.peer(named: "phone") == nil
                }
                #expect(try await system.node("laptop").attributes.map(\.value) == [.string("prod")])
                try await eventually("the end is written") { try await system.node("phone").attributes.isEmpty }
            }
        }

        @Test("a client sets of itself what the configuration names, and nothing else")
        func byClients() async throws {
            try await LocalSystem.run(.init(clientAttributes: ["custom:score", "custom:zone"])) { system in
                let (client, _) = try await system.joined("laptop")
                let (other, _) = try await system.joined("other")
                let key = await client.nodeKey.publicKey.text
                func send(_ update: String, by sender: SimulatedNode? = nil) async throws -> (Int, String) {
                    let body = #"{"Version":113,"NodeKey":"\#(key)","Update":\#(update)}"#
                    let answer = try await (sender ?? client)
                        .post("/machine/set-device-attr", body, method: "PATCH")
                    return (answer.status, answer.text)
                }
                #expect(try await send(#"{"custom:score":7,"custom:zone":"eu-1"}"#).0 == 200)
                #expect(
                    try await Self.attributes(system, "laptop") == [
                        "custom:score": .number(7), "custom:zone": .string("eu-1"),
                    ]
                )
                let refused = try await send(#"{"custom:score":8,"custom:tier":"prod"}"#)
                #expect(refused.0 == 403 && refused.1.contains("custom:tier") && !refused.1.contains("custom:score"))
                #expect(try await Self.attributes(system, "laptop")["custom:score"] == .number(7))
                // What an administrator set is not the client's to remove.
                try await Self.set(system, "laptop", "custom:tier", .string("lab"))
                #expect(try await send(#"{"custom:tier":null}"#).0 == 403)
                for update in [
                    #"{"node:os":"linux"}"#, #"{"score":1}"#, #"{"custom:zone":"a b"}"#, #"{"custom:zone":[1]}"#,
                    #"{"custom:score":1e300}"#, "[]",
                ] {
                    #expect(try await send(update).0 == 400, "\(update)")
                }
                #expect(try await send(#"{"custom:score":9}"#, by: other).0 == 404)
                #expect(try await client.post("/machine/set-device-attr", "{}").status == 405)
                #expect(try await send(#"{"custom:score":null,"custom:zone":true}"#).0 == 200)
                #expect(
                    try await Self.attributes(system, "laptop") == [
                        "custom:tier": .string("lab"), "custom:zone": .bool(true),
                    ]
                )
                let record = try #require(try await system.ask(ListAuditRecords(query: AuditQuery(limit: 1))).first)
                #expect(record.cause.action == ClaimNodeAttributes.subject)
                #expect(record.cause.actor.hasPrefix("machine mkey:") && record.cause.source == "127.0.0.1")
                #expect(record.before == ["custom:score": "7", "custom:zone": "'eu-1'"])
                #expect(record.after == ["custom:score": "", "custom:zone": "true"])
            }
        }

        @Test("without such a configuration a client can set nothing, and hears so")
        func nothingByDefault() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let key = await client.nodeKey.publicKey.text
                let body = #"{"Version":113,"NodeKey":"\#(key)","Update":{"custom:tier":"prod"}}"#
                let answer = try await client.post("/machine/set-device-attr", body, method: "PATCH")
                #expect(answer.status == 403 && answer.text.contains("an administrator can"))
                #expect(try await system.node("laptop").attributes == [])
            }
        }
    }
}
