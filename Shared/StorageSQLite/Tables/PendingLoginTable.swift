import ControlModel
import Foundation
import GRDB
import Keys
import Storage

struct PendingLoginTable {
    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ id: LoginID, now: Date) throws -> PendingLogin? {
        try select("id = ? AND deadline > ?", [id.rawValue, now.timeIntervalSinceReferenceDate]).first
    }

    func find(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        check: SSHCheck? = nil,
        now: Date
    ) throws -> PendingLogin? {
        try select(
            "machine_key = ? AND node_key = ? AND subject = ? AND deadline > ?",
            [machineKey.text, nodeKey.text, Self.subject(check), now.timeIntervalSinceReferenceDate]
        ).first
    }

    /// What a device's login is about, as a text that is unique to it; empty for the device itself.
    private static func subject(_ check: SSHCheck?) -> String {
        check.map { "ssh \($0.destination) \($0.localUser)" } ?? ""
    }

    func all(now: Date) throws -> [PendingLogin] {
        try select("deadline > ? ORDER BY created_at, id", [now.timeIntervalSinceReferenceDate])
    }

    func insert(_ login: PendingLogin) throws {
        try connection.run(
            """
            INSERT INTO pending_logins
            (tailnet, id, machine_key, node_key, subject, source, content, created_at, deadline, version)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                tailnet.rawValue, login.id.rawValue, login.machineKey.text, login.nodeKey.text,
                Self.subject(login.check), login.source, try JSONColumn.text(login),
                login.createdAt.timeIntervalSinceReferenceDate,
                login.deadline.timeIntervalSinceReferenceDate, login.version,
            ]
        )
    }

    /// Returns whether a row with this id and the version before was there.
    func update(_ login: PendingLogin) throws -> Bool {
        try connection.run(
            """
            UPDATE pending_logins SET (content, deadline, version) = (?, ?, ?)
            WHERE tailnet = ? AND id = ? AND version = ?
            """,
            [
                try JSONColumn.text(login), login.deadline.timeIntervalSinceReferenceDate, login.version,
                tailnet.rawValue, login.id.rawValue, login.version - 1,
            ]
        )
        return connection.affectedRows > 0
    }

    func delete(_ id: LoginID) throws {
        try connection.run("DELETE FROM pending_logins WHERE tailnet = ? AND id = ?", [tailnet.rawValue, id.rawValue])
    }

    func deleteEnded(by now: Date) throws {
        try connection.run(
            "DELETE FROM pending_logins WHERE tailnet = ? AND deadline <= ?",
            [tailnet.rawValue, now.timeIntervalSinceReferenceDate]
        )
    }

    func count(source: String? = nil) throws -> Int {
        let condition = source == nil ? "" : " AND source = ?"
        let count = try connection.first(
            "SELECT count(*) FROM pending_logins WHERE tailnet = ?" + condition,
            [tailnet.rawValue] + (source.map { [$0] } ?? [])
        ) { try $0.next(Int.self) }
        return count ?? 0
    }

    /// The source that has the most logins, how many, and its oldest.
    func largestSource() throws -> (source: String, count: Int, oldest: LoginID)? {
        let largest = try connection.first(
            """
            SELECT source, count(*) AS number FROM pending_logins WHERE tailnet = ?
            GROUP BY source ORDER BY number DESC, min(created_at) LIMIT 1
            """,
            [tailnet.rawValue]
        ) { (source: try $0.next(String.self), count: try $0.next(Int.self)) }
        guard let largest else { return nil }
        let oldest = try connection.first(
            "SELECT id FROM pending_logins WHERE tailnet = ? AND source = ? ORDER BY created_at, id LIMIT 1",
            [tailnet.rawValue, largest.source]
        ) { try $0.next(String.self) }
        guard let id = oldest.flatMap({ LoginID($0) }) else { return nil }
        return (largest.source, largest.count, id)
    }

    private func select(_ condition: String, _ values: [any DatabaseValueConvertible]) throws -> [PendingLogin] {
        try reading("pending login") {
            try connection.all(
                "SELECT content FROM pending_logins WHERE tailnet = ? AND \(condition)",
                [tailnet.rawValue] + values
            ) { try $0.json() }
        }
    }
}
