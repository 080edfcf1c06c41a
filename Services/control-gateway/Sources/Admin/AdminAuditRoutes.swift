import Bus
import ControlModel
import Foundation
import Hummingbird
import ServiceKit

/// The audit log: who changed what, when and from where.
struct AdminAuditRoutes: Sendable {
    let registry: AdminRegistry

    func register(on group: RouterGroup<SurfaceContext>) {
        group.get("audit") { request, _ in try await list(request) }
    }

    private func list(_ request: Request) async throws -> Response {
        let since = try AdminTime.date(request.adminQuery("since"), at: "query.since")
        let before = try request.adminNumber("before")
        let limit = try request.adminNumber("limit") ?? 100
        guard (1...AuditQuery.mostRecords).contains(limit) else {
            throw AdminProblem.badField("query.limit", "expected a number from 1 to \(AuditQuery.mostRecords)")
        }
        let query = AuditQuery(since: since, before: before.map(Version.init), limit: limit)
        let records = try await registry.ask(ListAuditRecords(query: query))
        return try AdminResponse.json(ListBody(records: records.map(AdminAuditBody.init)))
    }

    private struct ListBody: Encodable {
        var records: [AdminAuditBody]
    }
}

/// A record of the audit log as the admin API writes it.
struct AdminAuditBody: Encodable, Sendable {
    /// To read on: `before` of the next request.
    var version: String
    var time: String
    var actor: String
    /// Empty where there is none.
    var source: String
    var action: String
    var target: Target
    var before: [String: String]
    var after: [String: String]

    struct Target: Encodable {
        var kind: String
        var id: String
        var name: String
    }

    init(_ record: AuditRecord) {
        version = "\(record.version)"
        time = AdminTime.text(record.cause.date)
        actor = record.cause.actor
        source = record.cause.source ?? ""
        action = record.cause.action
        target = Target(
            kind: record.target.kind.rawValue,
            id: "\(record.target.id)",
            name: record.target.name
        )
        before = record.before
        after = record.after
    }
}
