import ControlModel
import Foundation
import GRDB
import Storage

/// The audit log: a row for each change that somebody decided about.
struct AuditTable {
    private static let columns = "version, at, actor, source, action, kind, id, name, before, after"

    let connection: SQLConnection
    let tailnet: TailnetID

    func insert(_ record: AuditRecord) throws {
        try connection.run(
            "INSERT INTO audit_log (tailnet, \(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                tailnet.rawValue, record.version, record.cause.date.timeIntervalSinceReferenceDate,
                record.cause.actor, record.cause.source, record.cause.action, record.target.kind.rawValue,
                record.target.id, record.target.name, try JSONColumn.text(record.before),
                try JSONColumn.text(record.after),
            ]
        )
    }

    func read(_ query: AuditQuery) throws -> [AuditRecord] {
        try reading("audit record") {
            try connection.all(
                """
                SELECT \(Self.columns) FROM audit_log WHERE tailnet = ? AND version < ? AND at >= ?
                ORDER BY version DESC LIMIT ?
                """,
                [
                    tailnet.rawValue, query.before ?? .max,
                    query.since?.timeIntervalSinceReferenceDate ?? -.greatestFiniteMagnitude, query.limit,
                ],
                decode: decode
            )
        }
    }

    func trim(before date: Date) throws {
        try connection.run(
            "DELETE FROM audit_log WHERE tailnet = ? AND at < ?",
            [tailnet.rawValue, date.timeIntervalSinceReferenceDate]
        )
    }

    private func decode(_ row: inout RowReader) throws -> AuditRecord {
        let version: Version = try row.next()
        let cause = AuditCause(
            date: try row.date(),
            actor: try row.next(),
            source: try row.optional(),
            action: try row.next()
        )
        guard let kind = AuditRecord.Kind(rawValue: try row.next()) else { throw row.unreadable(AuditRecord.Kind.self) }
        return AuditRecord(
            version: version,
            cause: cause,
            target: .init(kind: kind, id: try row.next(), name: try row.next()),
            before: try row.json(),
            after: try row.json()
        )
    }
}
