import ControlModel
import Foundation
import GRDB

struct AuthKeyTable {
    private static let columns = """
        id, prefix, hash, user_id, tags, is_reusable, is_ephemeral, is_used, expiry, created_at, version, \
        is_preapproved
        """

    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ id: AuthKeyID) throws -> AuthKey? {
        try select("id = ?", [id.rawValue]).first
    }

    func find(prefix: String) throws -> AuthKey? {
        try select("prefix = ?", [prefix]).first
    }

    func find(user: UserID) throws -> [AuthKey] {
        try select("user_id = ? ORDER BY id", [user.rawValue])
    }

    func all() throws -> [AuthKey] {
        try select("1 ORDER BY id", [])
    }

    func insert(_ key: AuthKey) throws {
        try connection.run(
            "INSERT INTO auth_keys (\(Self.columns), tailnet) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            try values(of: key) + [tailnet.rawValue]
        )
    }

    func update(_ key: AuthKey) throws {
        try connection.run(
            """
            UPDATE auth_keys SET (\(Self.columns)) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE tailnet = ? AND id = ?
            """,
            try values(of: key) + [tailnet.rawValue, key.id.rawValue]
        )
    }

    func delete(_ id: AuthKeyID) throws {
        try connection.run("DELETE FROM auth_keys WHERE tailnet = ? AND id = ?", [tailnet.rawValue, id.rawValue])
    }

    private func select(_ condition: String, _ values: [any DatabaseValueConvertible]) throws -> [AuthKey] {
        try reading("auth key") {
            try connection.all(
                "SELECT \(Self.columns) FROM auth_keys WHERE tailnet = ? AND \(condition)",
                [tailnet.rawValue] + values,
                decode: decode
            )
        }
    }

    private func values(of key: AuthKey) throws -> [(any DatabaseValueConvertible)?] {
        [
            key.id.rawValue, key.prefix, key.hash, key.user?.rawValue, try JSONColumn.text(key.tags), key.isReusable,
            key.isEphemeral, key.isUsed, key.expiry.timeIntervalSinceReferenceDate,
            key.createdAt.timeIntervalSinceReferenceDate, key.version, key.isPreapproved,
        ]
    }

    private func decode(_ row: inout RowReader) throws -> AuthKey {
        var key = AuthKey(
            id: try row.id(),
            tailnet: tailnet,
            prefix: try row.next(),
            hash: try row.next(),
            user: try row.optionalID(),
            tags: try row.json(),
            isReusable: try row.next(),
            isEphemeral: try row.next(),
            isUsed: try row.next(),
            expiry: try row.date(),
            createdAt: try row.date(),
            version: try row.next()
        )
        key.isPreapproved = try row.next()
        return key
    }
}
