import ControlModel
import Foundation
import GRDB

struct UserTable {
    private static let columns =
        "id, name, display_name, email, profile_picture_url, role, created_at, version"

    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ id: UserID) throws -> User? {
        try first("id = ?", id.rawValue)
    }

    func find(named name: String) throws -> User? {
        try first("name = ?", name)
    }

    func all() throws -> [User] {
        try reading("user") {
            try connection.all(
                "SELECT \(Self.columns) FROM users WHERE tailnet = ? ORDER BY id",
                [tailnet.rawValue],
                decode: decode
            )
        }
    }

    func insert(_ user: User) throws {
        try connection.run(
            """
            INSERT INTO users (\(Self.columns), tailnet) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            values(of: user) + [tailnet.rawValue]
        )
    }

    func update(_ user: User) throws {
        try connection.run(
            """
            UPDATE users SET (\(Self.columns)) = (?, ?, ?, ?, ?, ?, ?, ?) WHERE tailnet = ? AND id = ?
            """,
            values(of: user) + [tailnet.rawValue, user.id.rawValue]
        )
    }

    func delete(_ id: UserID) throws {
        try connection.run("DELETE FROM users WHERE tailnet = ? AND id = ?", [tailnet.rawValue, id.rawValue])
    }

    func ownsNodes(_ id: UserID) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM nodes WHERE tailnet = ? AND user_id = ? LIMIT 1",
            [tailnet.rawValue, id.rawValue]
        ) { _ in true } ?? false
    }

    private func first(_ condition: String, _ value: any DatabaseValueConvertible) throws -> User? {
        try reading("user") {
            try connection.first(
                "SELECT \(Self.columns) FROM users WHERE tailnet = ? AND \(condition)",
                [tailnet.rawValue, value],
                decode: decode
            )
        }
    }

    private func values(of user: User) -> [(any DatabaseValueConvertible)?] {
        [
            user.id.rawValue, user.name, user.displayName, user.email, user.profilePictureURL, user.role.rawValue,
            user.createdAt.timeIntervalSinceReferenceDate, user.version,
        ]
    }

    private func decode(_ row: inout RowReader) throws -> User {
        User(
            id: try row.id(),
            tailnet: tailnet,
            name: try row.next(),
            displayName: try row.next(),
            email: try row.next(),
            profilePictureURL: try row.next(),
            role: UserRole(rawValue: try row.next()) ?? .member,
            createdAt: try row.date(),
            version: try row.next()
        )
    }
}
