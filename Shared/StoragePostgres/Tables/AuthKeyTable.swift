import ControlModel
import Foundation

struct AuthKeyTable {
    private static let columns = """
        id, prefix, hash, user_id, tags, is_reusable, is_ephemeral, is_used, expiry, created_at, version, \
        is_preapproved
        """

    let tailnet: TailnetID

    func select(ids: some Sequence<AuthKeyID>) -> Statement {
        select("id = ANY ($2::bigint[])", .integers(ids.map(\.rawValue)))
    }

    func select(prefix: String) -> Statement {
        select("prefix = $2", .text(prefix))
    }

    /// Those of some ids, and all of some users.
    func select(ids: some Sequence<AuthKeyID>, users: some Sequence<UserID>) -> Statement {
        Statement(
            """
            SELECT \(Self.columns) FROM auth_keys WHERE tailnet = $1 AND id = ANY ($2::bigint[])
            UNION
            SELECT \(Self.columns) FROM auth_keys WHERE tailnet = $1 AND user_id = ANY ($3::bigint[])
            """,
            [.text(tailnet.rawValue), .integers(ids.map(\.rawValue)), .integers(users.map(\.rawValue))]
        )
    }

    func selectAll() -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM auth_keys WHERE tailnet = $1 ORDER BY id",
            [.text(tailnet.rawValue)]
        )
    }

    /// Id and prefix of those that have one of these prefixes.
    func selectHolders(prefixes: some Sequence<String>) -> Statement {
        Statement(
            "SELECT id, prefix FROM auth_keys WHERE tailnet = $1 AND prefix = ANY ($2::text[])",
            [.text(tailnet.rawValue), .texts(prefixes)]
        )
    }

    func insert(_ key: AuthKey) throws -> Statement {
        Statement(
            """
            INSERT INTO auth_keys (tailnet, \(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """,
            try values(of: key)
        )
    }

    func update(_ key: AuthKey) throws -> Statement {
        Statement(
            """
            UPDATE auth_keys SET (\(Self.columns)) = ROW ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            WHERE tailnet = $1 AND id = $2
            """,
            try values(of: key)
        )
    }

    func delete(_ id: AuthKeyID) -> Statement {
        Statement(
            "DELETE FROM auth_keys WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .integer(id.rawValue)]
        )
    }

    private func select(_ condition: String, _ value: SQLValue) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM auth_keys WHERE tailnet = $1 AND \(condition)",
            [.text(tailnet.rawValue), value]
        )
    }

    private func values(of key: AuthKey) throws -> [SQLValue] {
        [
            .text(tailnet.rawValue), .integer(key.id.rawValue), .text(key.prefix), .bytes(key.hash),
            .integer(key.user?.rawValue), try .json(key.tags), .boolean(key.isReusable), .boolean(key.isEphemeral),
            .boolean(key.isUsed), .date(key.expiry), .date(key.createdAt), .integer(key.version),
            .boolean(key.isPreapproved),
        ]
    }

    func decode(_ row: inout RowReader) throws -> AuthKey {
        var key = AuthKey(
            id: try row.id(),
            tailnet: tailnet,
            prefix: try row.text(),
            hash: try row.bytes(),
            user: try row.optionalID(),
            tags: try row.json(),
            isReusable: try row.boolean(),
            isEphemeral: try row.boolean(),
            isUsed: try row.boolean(),
            expiry: try row.date(),
            createdAt: try row.date(),
            version: try row.integer()
        )
        key.isPreapproved = try row.boolean()
        return key
    }
}
