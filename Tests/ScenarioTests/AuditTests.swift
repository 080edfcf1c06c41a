import Bus
import ControlModel
import Foundation
import TestKit
import Testing

extension Scenarios {
    @Suite("Audit log")
    struct AuditLog {
        @Test("each change has its author, its place and what it changed; reports of clients are not in it")
        func records() async throws {
            try await LocalSystem.run { system in
                let (client, _) = try await system.joined("laptop")
                let origin = RequestOrigin(actor: "API key abc", source: "192.0.2.1")
                let node = try #require(try await system.nodes().first)
                _ = try await RequestOrigin.$current.withValue(origin) {
                    try await system.ask(RenameNode(node: node.id, name: "desk"))
                }
                try await client.update(homeDERP: 901)
                try await eventually("the report is written", read: system.nodes) { $0.first?.homeDERP == 901 }
                let records = try await system.ask(ListAuditRecords(query: AuditQuery()))
                #expect(
                    records.map(\.cause.action) == [
                        "registry.node.rename", "registry.node.register", "registry.authkey.create",
                        "registry.user.create",
                    ]
                )
                let rename = try #require(records.first)
                #expect(rename.cause.actor == "API key abc")
                #expect(rename.cause.source == "192.0.2.1")
                #expect(rename.before == ["givenName": "laptop"])
                #expect(rename.after == ["givenName": "desk"])
                #expect(records[1].cause.actor.hasPrefix("machine mkey:"))
                #expect(records[1].cause.source == "127.0.0.1")
                #expect(records[1].target.name == "laptop")
                // Nobody is named for what the test itself asks.
                #expect(records[2].cause.actor == "server")
            }
        }

        @Test("the history of policies says who put each in force, and from where")
        func policies() async throws {
            try await LocalSystem.run { system in
                try await system.setPolicy(#"{"grants": []}"#)
                let origin = RequestOrigin(actor: "API key abc", source: "192.0.2.1")
                try await RequestOrigin.$current.withValue(origin) {
                    _ = try await system.ask(RollBackPolicy(revision: 1, author: origin.actor))
                    try await system.setPolicy(#"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}"#)
                }
                let history = try await system.ask(ListPolicyRevisions())
                #expect(history.map(\.revision) == [2, 1])
                #expect(history.map(\.source) == ["192.0.2.1", ""])
                #expect(try await system.ask(GetPolicy()).policy?.source == "192.0.2.1")
                try await system.restart()
                #expect(try await system.ask(ListPolicyRevisions()).map(\.source) == ["192.0.2.1", ""])
            }
        }
    }
}
