import ControlModel
import Foundation

struct UserTable {
    private static let columns =
        "id, name, display_name, email, profile_picture_url, role, created_at, version"

    let tailnet: TailnetID

    func select(ids: some Sequence<UserID>) -> Statement {
        select("id = ANY ($2::bigint[])", .integers(ids.map(\.rawValue)))
    }

    func select(named name: String) -> Statement {
        select("name = $2", .text(name))
    }

    func selectAll() -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM users WHERE tailnet = $1 ORDER BY id",
            [.text(tailnet.rawValue)]
        )
    }

    /// Users that changed after `version`, among the first `limit` changes.
    func selectChanged(after version: Version, limit: Int) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM users WHERE tailnet = $1 AND id IN (\(ChangeTable.idsOfKind(.user)))",
            [.text(tailnet.rawValue), .integer(version), .integer(limit)]
        )
    }

    /// Id and name of those that have one of these names.
    func selectHolders(names: some Sequence<String>) -> Statement {
        Statement(
            "SELECT id, name FROM users WHERE tailnet = $1 AND name = ANY ($2::text[])",
            [.text(tailnet.rawValue), .texts(names)]
        )
    }

    func insert(_ user: User) -> Statement {
        Statement(
            "INSERT INTO users (tailnet, \(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values(of: user)
        )
    }

    func update(_ user: User) -> Statement {
        Statement(
            "UPDATE users SET (\(Self.columns)) = ROW ($2, $3, $4, $5, $6, $7, $8, $9) WHERE tailnet = $1 AND id = $2",
            values(of: user)
        )
    }

    func delete(_ id: UserID) -> Statement {
        Statement(
            "DELETE FROM users WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .integer(id.rawValue)]
        )
    }

    private func select(_ condition: String, _ value: SQLValue) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM users WHERE tailnet = $1 AND \(condition)",
            [.text(tailnet.rawValue), value]
        )
    }

    private func values(of user: User) -> [SQLValue] {
        [
            .text(tailnet.rawValue), .integer(user.id.rawValue), .text(user.name), .text(user.displayName),
            .text(user.email), .text(user.profilePictureURL), .text(user.role.rawValue), .date(user.createdAt),
            .integer(user.version),
        ]
    }

    func decode(_ row: inout RowReader) throws -> User {
        User(
            id: try row.id(),
            tailnet: tailnet,
            name: try row.text(),
            displayName: try row.text(),
            email: try row.text(),
            profilePictureURL: try row.text(),
            // One that a later release knows gives no rights here.
            role: UserRole(rawValue: try row.text()) ?? .member,
            createdAt: try row.date(),
            version: try row.integer()
        )
    }
}
