import Bus
import ControlModel
import Foundation
import IPAddresses
import JWTKit
import Keys
import NIOCore
import TailcfgWire
import TestKit
import Testing

extension Scenarios {
    @Suite("Services to nodes")
    struct NodeServices {
        private struct Claims: JWTPayload {
            var iss: IssuerClaim
            var sub: SubjectClaim
            var aud: AudienceClaim
            var exp: ExpirationClaim
            var nbf: NotBeforeClaim
            var iat: IssuedAtClaim
            var jti: IDClaim
            var key: String
            var addresses: [String]
            var nid: Int64
            var node: String
            var domain: String
            var tags: [String]?
            var user: String?
            var uid: Int64?

            func verify(using algorithm: some JWTAlgorithm) async throws {
                try exp.verifyNotExpired()
                try nbf.verifyNotBefore()
            }
        }

        @Test("a workload gets a token about its node, which the public keys prove")
        func token() async throws {
            try await LocalSystem.run { system in
                let (client, map) = try await system.joined("laptop")
                let claims = try await Self.verified(try await Self.token(client, for: "sts.example.com"), system)
                let own = try #require(map.view.own)
                #expect(claims.iss.value == "http://127.0.0.1")
                #expect(claims.sub.value == "laptop.\(LocalSystem.baseDomain)" && claims.node == claims.sub.value)
                #expect(claims.aud.value == ["sts.example.com"])
                #expect(claims.exp.value.timeIntervalSince(claims.iat.value) == 300)
                #expect(claims.nid == own.id && claims.uid == own.user)
                #expect(claims.addresses == own.addresses.map(\.description))
                #expect(claims.key == (await client.nodeKey.publicKey.text))
                #expect(claims.domain == LocalSystem.baseDomain)
                #expect(claims.user == "\(LocalSystem.baseDomain):alice" && claims.tags == nil)
                let second = try await Self.verified(try await Self.token(client, for: "sts.example.com"), system)
                #expect(second.jti != claims.jti)
            }
        }

        @Test("a tagged node's token has tags and no user")
        func taggedToken() async throws {
            try await LocalSystem.run { system in
                let key = try await system.createKey(of: nil, tags: ["tag:ci"])
                let (client, _) = try await system.joined("runner", key: key)
                let claims = try await Self.verified(try await Self.token(client, for: "vault"), system)
                #expect(claims.tags == ["\(LocalSystem.baseDomain):tag:ci"])
                #expect(claims.user == nil && claims.uid == nil)
            }
        }

        @Test("tokens from before a restart are proved by the keys after it, and the other way round")
        func restart() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let before = try await Self.token(client, for: "a")
                let keys = try await Browser(await system.address).get("/.well-known/jwks.json").text
                try await system.restart()
                _ = try await Self.verified(before, system)
                await client.disconnect()
                #expect(try await Browser(await system.address).get("/.well-known/jwks.json").text == keys)
                _ = try await Self.verified(try await Self.token(client, for: "a"), system)
            }
        }

        @Test("the discovery document leads to the keys; private parts are not among them")
        func discovery() async throws {
            try await LocalSystem.run { system in
                let browser = Browser(await system.address)
                let page = try await browser.get("/.well-known/openid-configuration")
                #expect(page.status == 200 && page.header("content-type") == "application/json")
                let document = try JSONDecoder().decode(AnyJSON.self, from: Data(page.text.utf8)).members
                #expect(document["issuer"] == .string("http://127.0.0.1"))
                let path = try #require(document["jwks_uri"]?.text).pathAndQuery
                let keys = try JSONDecoder().decode(AnyJSON.self, from: Data(try await browser.get(path).text.utf8))
                let key = try #require(keys.members["keys"]?.list.first).members
                #expect(Set(key.keys) == ["alg", "e", "kid", "kty", "n", "use"])
            }
        }

        @Test("nobody gets a token about a node that is not theirs, or without an audience")
        func refusedTokens() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let (thief, _) = try await system.joined("thief")
                let key = await client.nodeKey.publicKey.text
                func ask(_ client: SimulatedNode, _ body: String) async throws -> Int {
                    try await client.post("/machine/id-token", body).status
                }
                #expect(try await ask(thief, #"{"CapVersion":113,"NodeKey":"\#(key)","Audience":"a"}"#) == 404)
                #expect(try await ask(client, #"{"CapVersion":113,"Audience":"a"}"#) == 404)
                #expect(try await ask(client, #"{"CapVersion":113,"NodeKey":"\#(key)"}"#) == 400)
                let long = String(repeating: "a", count: 1025)
                #expect(try await ask(client, #"{"CapVersion":113,"NodeKey":"\#(key)","Audience":"\#(long)"}"#) == 400)
                #expect(try await ask(client, "{") == 400)
                let node = try #require(try await system.nodes().first { $0.hostname == "laptop" })
                _ = try await system.ask(SetNodeExpiry(node: node.id, expiry: system.time.now.addingTimeInterval(-1)))
                #expect(try await ask(client, #"{"CapVersion":113,"NodeKey":"\#(key)","Audience":"a"}"#) == 403)
            }
        }

        @Test("what a client tells for the audit is taken from its own node, for known actions")
        func audit() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let (other, _) = try await system.joined("other")
                let key = await client.nodeKey.publicKey.text
                func body(_ action: String) -> String {
                    #"{"Version":113,"NodeKey":"\#(key)","Action":"\#(action)","Details":"for\nlunch","Timestamp":"2026-05-01T12:00:00Z"}"#
                }
                #expect(try await client.post("/machine/audit-log", body("DISCONNECT_NODE")).status == 200)
                #expect(try await client.post("/machine/audit-log", body("FORMAT_DISK")).status == 400)
                #expect(try await other.post("/machine/audit-log", body("DISCONNECT_NODE")).status == 404)
                #expect(try await client.post("/machine/audit-log", "[]").status == 400)
                let query = AuditQuery(limit: 1)
                let record = try #require(try await system.ask(ListAuditRecords(query: query)).first)
                #expect(record.cause.action == "client.DISCONNECT_NODE")
                #expect(record.cause.actor == "user alice" && record.cause.source == "127.0.0.1")
                #expect(record.target.kind == .node && record.target.name == "laptop")
                #expect(record.before == [:] && record.after == ["details": "for\u{FFFD}lunch"])
            }
        }

        @Test("an event of a tagged node names its tags; peers are told nothing; more than a few in a row must wait")
        func manyEvents() async throws {
            try await LocalSystem.run { system in
                let (_, watcher) = try await system.joined("watcher")
                let key = try await system.createKey(of: nil, tags: ["tag:ci"])
                let (client, map) = try await system.joined("runner", key: key)
                try await eventually("both see each other") {
                    watcher.view.peer(named: "runner")?.isOnline == true && map.view.peers.count == 1
                }
                let node = try #require(try await system.nodes().first { $0.hostname == "runner" })
                let nodeKey = await client.nodeKey.publicKey.text
                let body = #"{"Version":113,"NodeKey":"\#(nodeKey)","Action":"DISCONNECT_NODE"}"#
                let before = watcher.snapshot.messageCount
                var answers: [Int] = []
                for _ in 0..<100 where answers.last != 429 {
                    answers.append(try await client.post("/machine/audit-log", body).status)
                }
                #expect(answers.first == 200 && answers.last == 429)
                let records = try await system.ask(ListAuditRecords(query: AuditQuery(limit: 1000)))
                    .filter { $0.cause.action == "client.DISCONNECT_NODE" }
                #expect(records.count == answers.count - 1)
                #expect(records.allSatisfy { $0.cause.actor == "node \(node.id) tag:ci" && $0.after == [:] })
                _ = try await system.ask(RenameNode(node: node.id, name: "desk"))
                try await eventually("the new name") { watcher.view.peer(named: "desk") != nil }
                #expect(watcher.snapshot.messages(after: before).count == 1)
            }
        }

        @Test("a client that asks for a feature hears that it is not here, and what is")
        func features() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let other = try await system.registered("other")
                let key = await client.nodeKey.publicKey.text
                for (feature, word) in [("serve", "--http"), ("funnel", "internet"), ("teleport", "teleport")] {
                    let body = #"{"Feature":"\#(feature)","NodeKey":"\#(key)"}"#
                    let answer = try await client.post("/machine/feature/query", body)
                    let members = try JSONDecoder().decode(AnyJSON.self, from: Data(answer.success().readableBytesView))
                        .members
                    #expect(members["Complete"] == .bool(false))
                    #expect(members["Text"]?.text.contains(word) == true)
                    #expect(try await other.post("/machine/feature/query", body).status == 404)
                }
            }
        }

        @Test("a machine that asks who it is hears its key; attributes of its own are refused in words")
        func others() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let who = try await client.request(ControlRequest("GET", "/machine/whoami"))
                #expect(who.status == 200 && who.text == client.machineKey.publicKey.text + "\n")
                let key = await client.nodeKey.publicKey.text
                let body = #"{"Version":113,"NodeKey":"\#(key)","Update":{"custom:a":1}}"#
                let answer = try await client.post("/machine/set-device-attr", body, method: "PATCH")
                #expect(answer.status == 501 && answer.text.contains("set-device-attr"))
            }
        }

        private static func token(_ client: SimulatedNode, for audience: String) async throws -> String {
            let key = await client.nodeKey.publicKey.text
            let body = #"{"CapVersion":113,"NodeKey":"\#(key)","Audience":"\#(audience)"}"#
            let answer = try await client.post("/machine/id-token", body).success()
            let value = try JSONDecoder().decode(AnyJSON.self, from: Data(answer.readableBytesView))
            return try #require(value.members["id_token"]?.text)
        }

        /// Checks a token as somebody outside does.
        private static func verified(_ token: String, _ system: LocalSystem) async throws -> Claims {
            let page = try await Browser(await system.address).get("/.well-known/jwks.json")
            let keys = JWTKeyCollection()
            try await keys.add(jwksJSON: page.text)
            return try await keys.verify(token, as: Claims.self)
        }
    }
}
