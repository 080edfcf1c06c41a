import ControlModel
import Foundation
import Storage

/// The audit log: a row for each change that somebody decided about.
struct AuditTable {
    private static let columns = "version, at, actor, source, action, kind, id, name, before, after"

    let tailnet: TailnetID

    func insert(_ records: [AuditRecord]) throws -> Statement {
        Statement(
            """
            INSERT INTO audit_log (tailnet, \(Self.columns))
            SELECT $1, version, at, actor, NULLIF(source, ''), action, kind, id, name, before, after FROM unnest(
                $2::bigint[], $3::double precision[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[],
                $9::text[], $10::text[], $11::text[]) AS record (\(Self.columns))
            """,
            [
                .text(tailnet.rawValue), .integers(records.map(\.version)), .dates(records.map(\.cause.date)),
                .texts(records.map(\.cause.actor)), .texts(records.map { $0.cause.source ?? "" }),
                .texts(records.map(\.cause.action)), .texts(records.map(\.target.kind.rawValue)),
                .integers(records.map(\.target.id)), .texts(records.map(\.target.name)),
                .texts(try records.map { try JSONColumn.text($0.before) }),
                .texts(try records.map { try JSONColumn.text($0.after) }),
            ]
        )
    }

    func select(_ query: AuditQuery) -> Statement {
        Statement(
            """
            SELECT \(Self.columns) FROM audit_log
            WHERE tailnet = $1 AND version < $2 AND ($3::double precision IS NULL OR at >= $3)
            ORDER BY version DESC LIMIT $4
            """,
            [.text(tailnet.rawValue), .integer(query.before ?? .max), .date(query.since), .integer(query.limit)]
        )
    }

    func delete(before date: Date) -> Statement {
        Statement(
            "DELETE FROM audit_log WHERE tailnet = $1 AND at < $2",
            [.text(tailnet.rawValue), .date(date)]
        )
    }

    func records(_ rows: RowSet) throws -> [AuditRecord] {
        try rows.all("audit record") { row in
            let version: Version = try row.integer()
            let cause = AuditCause(
                date: try row.date(),
                actor: try row.text(),
                source: try row.optionalPlainText(),
                action: try row.text()
            )
            guard let kind = AuditRecord.Kind(rawValue: try row.text()) else {
                throw row.unreadable(AuditRecord.Kind.self)
            }
            return AuditRecord(
                version: version,
                cause: cause,
                target: .init(kind: kind, id: try row.integer(), name: try row.text()),
                before: try row.storedJSON(),
                after: try row.storedJSON()
            )
        }
    }
}
