import ControlModel
import Foundation
import GRDB
import Storage

struct PolicyTable {
    private static let columns = "revision, document, author, source, note, created_at"
    private static let summaryColumns = "revision, LENGTH(CAST(document AS BLOB)), author, source, note, created_at"

    let connection: SQLConnection
    let tailnet: TailnetID

    func current() throws -> PolicyRevision? {
        try reading("policy") {
            try connection.first(
                "SELECT \(Self.columns) FROM policies WHERE tailnet = ? ORDER BY revision DESC LIMIT 1",
                [tailnet.rawValue],
                decode: decode
            )
        }
    }

    func find(_ revision: Int) throws -> PolicyRevision? {
        try reading("policy") {
            try connection.first(
                "SELECT \(Self.columns) FROM policies WHERE tailnet = ? AND revision = ?",
                [tailnet.rawValue, revision],
                decode: decode
            )
        }
    }

    func history(before: Int?, limit: Int) throws -> [PolicyRevision.Summary] {
        try reading("policy") {
            try connection.all(
                """
                SELECT \(Self.summaryColumns) FROM policies WHERE tailnet = ? AND revision < ?
                ORDER BY revision DESC LIMIT ?
                """,
                [tailnet.rawValue, before ?? .max, limit]
            ) { row in
                PolicyRevision.Summary(
                    revision: try row.next(),
                    length: try row.next(),
                    author: try row.next(),
                    source: try row.next(),
                    note: try row.next(),
                    createdAt: try row.date()
                )
            }
        }
    }

    func append(_ policy: PolicyRevision) throws {
        let last = try connection.first(
            "SELECT revision FROM policies WHERE tailnet = ? ORDER BY revision DESC LIMIT 1",
            [tailnet.rawValue]
        ) { try $0.next(Int.self) }
        guard policy.revision == (last ?? 0) + 1 else { throw StorageError.conflict(.stale) }
        try connection.run(
            "INSERT INTO policies (\(Self.columns), tailnet) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                policy.revision, policy.text, policy.author, policy.source, policy.note,
                policy.createdAt.timeIntervalSinceReferenceDate, tailnet.rawValue,
            ]
        )
        try connection.run(
            "DELETE FROM policies WHERE tailnet = ? AND revision <= ?",
            [tailnet.rawValue, policy.revision - PolicyRevision.keptLimit]
        )
    }

    private func decode(_ row: inout RowReader) throws -> PolicyRevision {
        PolicyRevision(
            revision: try row.next(),
            text: try row.next(),
            author: try row.next(),
            source: try row.next(),
            note: try row.next(),
            createdAt: try row.date()
        )
    }
}
