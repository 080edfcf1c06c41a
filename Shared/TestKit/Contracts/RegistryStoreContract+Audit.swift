import ControlModel
import Foundation
import Storage

extension RegistryStoreContract {
    private static let cause = AuditCause(
        date: .fixture,
        actor: "API key abc",
        source: "192.0.2.1",
        action: "registry.user.create"
    )

    static let auditClauses = [
        clause("changes are in the audit log from the cause on, with what they changed") { store in
            try await store.commit(.createUser(.fixture(1, name: "anna")), .audit(cause), .createUser(.fixture(2)))
            let records = try await store.auditRecords(AuditQuery(), tailnet: .default)
            try require(records.map(\.version), is: [2])
            let record = try requireSome(records.first, "the record")
            try require(record.cause, is: cause)
            try require(record.target, is: AuditImage(User.fixture(2)).target)
            try require(record.before, is: [:])
            try require(record.after, is: AuditImage(User.fixture(2)).fields.filter { !$0.value.isEmpty })
            var renamed = User.fixture(1, name: "berta")
            renamed.version = 1
            var own = AuditCause(date: .fixture, actor: "server", action: "registry.work")
            own.date += 10
            try await store.commit(.audit(own), .replaceUser(renamed), .deleteUser(.fixture(2)))
            let later = try await store.auditRecords(AuditQuery(limit: 2), tailnet: .default)
            try require(later.map(\.version), is: [4, 3])
            try require(later.last?.before, is: ["name": "anna"])
            try require(later.last?.after, is: ["name": "berta"])
            try require(later.last?.cause, is: own)
            try require(later.first?.after, is: [:])
        },
        clause("the audit log tells of nodes and keys, without secrets") { store in
            try await store.commit(.audit(cause), .createUser(.fixture(1)), .createNode(.fixture(1)))
            try await store.commit(.audit(cause), .createAuthKey(.fixture(1)), .createAPIKey(.fixture(1)))
            try await store.commit(.audit(cause), .consumeAuthKey(.fixture(1)), .deleteAPIKey(.fixture(1)))
            let records = try await store.auditRecords(AuditQuery(), tailnet: .default)
            try require(records.map(\.target.kind), is: [.apiKey, .authKey, .apiKey, .authKey, .node, .user])
            try require(records[1].after, is: ["used": "true"])
            let hash = AuthKey.fixture(1).hash.base64EncodedString()
            let texts = records.flatMap { Array($0.before.values) + Array($0.after.values) }
            try require(!texts.contains { $0.contains(hash) }, "a secret is in the audit log")
        },
        clause("an event at a node is in the audit log, and leaves the node as it is but for its version") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            let node = try requireSome(try await store.node(.fixture(1), tailnet: .default), "the node")
            let changes = try await store.commit(.audit(cause), .noteNodeEvent(.fixture(1), ["details": "for lunch"]))
            try require(changes.map(\.version), is: [3])
            var later = node
            later.version = 3
            try require(changes.map(\.subject), is: [.node(later)])
            try require(try await store.node(.fixture(1), tailnet: .default), is: later)
            let records = try await store.auditRecords(AuditQuery(), tailnet: .default)
            try require(
                records,
                is: [AuditRecord(event: ["details": "for lunch"], at: node, version: 3, cause: cause)]
            )
            try await requireConflict(.stale, store, .audit(cause), .noteNodeEvent(.fixture(2), [:]))
            try await store.commit(.noteNodeEvent(.fixture(1), [:]))
            try require(try await store.auditRecords(AuditQuery(), tailnet: .default).count, is: 1)
        },
        clause("what a batch that is refused would have changed is not in the audit log") { store in
            try await store.commit(.createUser(.fixture(1)))
            try await requireConflict(
                .identifier,
                store,
                .audit(cause),
                .createUser(.fixture(2)),
                .createUser(.fixture(1, name: "other"))
            )
            try require(try await store.auditRecords(AuditQuery(), tailnet: .default), is: [])
        },
        clause("the audit log is read by time and in pages, and trimmed") { store in
            for number in Int64(1)...5 {
                var cause = cause
                cause.date = .fixture.addingTimeInterval(Double(number))
                try await store.commit(.audit(cause), .createUser(.fixture(number)))
            }
            let limit = Date.fixture.addingTimeInterval(3)
            let since = try await store.auditRecords(AuditQuery(since: limit), tailnet: .default)
            try require(since.map(\.version), is: [5, 4, 3])
            let page = try await store.auditRecords(AuditQuery(before: 4, limit: 2), tailnet: .default)
            try require(page.map(\.version), is: [3, 2])
            try await store.trimAuditRecords(before: limit, tailnet: .default)
            try require(
                try await store.auditRecords(AuditQuery(), tailnet: .default).map(\.version),
                is: [5, 4, 3]
            )
        },
    ]
}
