import ControlModel
import Foundation
import Storage

struct PolicyTable {
    private static let columns = "revision, document, author, source, note, created_at"
    private static let summaryColumns = "revision, octet_length(document), author, source, note, created_at"

    let tailnet: TailnetID

    func selectCurrent() -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM policies WHERE tailnet = $1 ORDER BY revision DESC LIMIT 1",
            [.text(tailnet.rawValue)]
        )
    }

    /// The number of the newest, without its text.
    func selectLast() -> Statement {
        Statement(
            "SELECT revision FROM policies WHERE tailnet = $1 ORDER BY revision DESC LIMIT 1",
            [.text(tailnet.rawValue)]
        )
    }

    func select(_ revision: Int) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM policies WHERE tailnet = $1 AND revision = $2",
            [.text(tailnet.rawValue), .integer(revision)]
        )
    }

    func selectHistory(before: Int?, limit: Int) -> Statement {
        Statement(
            """
            SELECT \(Self.summaryColumns) FROM policies WHERE tailnet = $1 AND revision < $2
            ORDER BY revision DESC LIMIT $3
            """,
            [.text(tailnet.rawValue), .integer(before ?? .max), .integer(limit)]
        )
    }

    func insert(_ policy: PolicyRevision) -> Statement {
        Statement(
            "INSERT INTO policies (tailnet, \(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [
                .text(tailnet.rawValue), .integer(policy.revision), .text(policy.text), .text(policy.author),
                .text(policy.source), .text(policy.note), .date(policy.createdAt),
            ]
        )
    }

    func delete(through revision: Int) -> Statement {
        Statement(
            "DELETE FROM policies WHERE tailnet = $1 AND revision <= $2",
            [.text(tailnet.rawValue), .integer(revision)]
        )
    }

    func policy(_ rows: RowSet) throws -> PolicyRevision? {
        try rows.first("policy") { row in
            PolicyRevision(
                revision: try row.integer(),
                text: try row.text(),
                author: try row.text(),
                source: try row.text(),
                note: try row.text(),
                createdAt: try row.date()
            )
        }
    }

    func history(_ rows: RowSet) throws -> [PolicyRevision.Summary] {
        try rows.all("policy") { row in
            PolicyRevision.Summary(
                revision: try row.integer(),
                length: try row.integer(),
                author: try row.text(),
                source: try row.text(),
                note: try row.text(),
                createdAt: try row.date()
            )
        }
    }
}
