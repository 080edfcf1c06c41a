import ControlModel
import Foundation
import GRDB

struct APIKeyTable {
    private static let columns = "id, prefix, hash, expiry, created_at, last_seen, version"

    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ id: APIKeyID) throws -> APIKey? {
        try select("id = ?", [id.rawValue]).first
    }

    func find(prefix: String) throws -> APIKey? {
        try select("prefix = ?", [prefix]).first
    }

    func all() throws -> [APIKey] {
        try select("1 ORDER BY id", [])
    }

    func insert(_ key: APIKey) throws {
        try connection.run(
            "INSERT INTO api_keys (\(Self.columns), tailnet) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values(of: key) + [tailnet.rawValue]
        )
    }

    func update(_ key: APIKey) throws {
        try connection.run(
            "UPDATE api_keys SET (\(Self.columns)) = (?, ?, ?, ?, ?, ?, ?) WHERE tailnet = ? AND id = ?",
            values(of: key) + [tailnet.rawValue, key.id.rawValue]
        )
    }

    func touch(_ id: APIKeyID, lastSeen: Date) throws {
        try connection.run(
            "UPDATE api_keys SET last_seen = ? WHERE tailnet = ? AND id = ?",
            [lastSeen.timeIntervalSinceReferenceDate, tailnet.rawValue, id.rawValue]
        )
    }

    func delete(_ id: APIKeyID) throws {
        try connection.run("DELETE FROM api_keys WHERE tailnet = ? AND id = ?", [tailnet.rawValue, id.rawValue])
    }

    private func select(_ condition: String, _ values: [any DatabaseValueConvertible]) throws -> [APIKey] {
        try reading("API key") {
            try connection.all(
                "SELECT \(Self.columns) FROM api_keys WHERE tailnet = ? AND \(condition)",
                [tailnet.rawValue] + values,
                decode: decode
            )
        }
    }

    private func values(of key: APIKey) -> [(any DatabaseValueConvertible)?] {
        [
            key.id.rawValue, key.prefix, key.hash, key.expiry.timeIntervalSinceReferenceDate,
            key.createdAt.timeIntervalSinceReferenceDate, key.lastSeen?.timeIntervalSinceReferenceDate, key.version,
        ]
    }

    private func decode(_ row: inout RowReader) throws -> APIKey {
        APIKey(
            id: try row.id(),
            tailnet: tailnet,
            prefix: try row.next(),
            hash: try row.next(),
            expiry: try row.date(),
            createdAt: try row.date(),
            lastSeen: try row.optionalDate(),
            version: try row.next()
        )
    }
}
