import ControlModel
import Foundation

struct APIKeyTable {
    private static let columns = "id, prefix, hash, expiry, created_at, last_seen, version"

    let tailnet: TailnetID

    func select(ids: some Sequence<APIKeyID>) -> Statement {
        select("id = ANY ($2::bigint[])", .integers(ids.map(\.rawValue)))
    }

    func select(prefix: String) -> Statement {
        select("prefix = $2", .text(prefix))
    }

    func selectAll() -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM api_keys WHERE tailnet = $1 ORDER BY id",
            [.text(tailnet.rawValue)]
        )
    }

    /// Id and prefix of those that have one of these prefixes.
    func selectHolders(prefixes: some Sequence<String>) -> Statement {
        Statement(
            "SELECT id, prefix FROM api_keys WHERE tailnet = $1 AND prefix = ANY ($2::text[])",
            [.text(tailnet.rawValue), .texts(prefixes)]
        )
    }

    func insert(_ key: APIKey) -> Statement {
        Statement(
            "INSERT INTO api_keys (tailnet, \(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values(of: key)
        )
    }

    func update(_ key: APIKey) -> Statement {
        Statement(
            "UPDATE api_keys SET (\(Self.columns)) = ROW ($2, $3, $4, $5, $6, $7, $8) WHERE tailnet = $1 AND id = $2",
            values(of: key)
        )
    }

    func touch(_ id: APIKeyID, lastSeen: Date) -> Statement {
        Statement(
            "UPDATE api_keys SET last_seen = $3 WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .integer(id.rawValue), .date(lastSeen)]
        )
    }

    func delete(_ id: APIKeyID) -> Statement {
        Statement(
            "DELETE FROM api_keys WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .integer(id.rawValue)]
        )
    }

    private func select(_ condition: String, _ value: SQLValue) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM api_keys WHERE tailnet = $1 AND \(condition)",
            [.text(tailnet.rawValue), value]
        )
    }

    private func values(of key: APIKey) -> [SQLValue] {
        [
            .text(tailnet.rawValue), .integer(key.id.rawValue), .text(key.prefix), .bytes(key.hash), .date(key.expiry),
            .date(key.createdAt), .date(key.lastSeen), .integer(key.version),
        ]
    }

    func decode(_ row: inout RowReader) throws -> APIKey {
        APIKey(
            id: try row.id(),
            tailnet: tailnet,
            prefix: try row.text(),
            hash: try row.bytes(),
            expiry: try row.date(),
            createdAt: try row.date(),
            lastSeen: try row.optionalDate(),
            version: try row.integer()
        )
    }
}
