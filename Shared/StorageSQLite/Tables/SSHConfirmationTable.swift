import ControlModel
import Foundation
import GRDB

struct SSHConfirmationTable {
    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ check: SSHCheck) throws -> Date? {
        try connection.first(
            """
            SELECT confirmed_at FROM ssh_confirmations
            WHERE tailnet = ? AND source_node = ? AND destination_node = ? AND local_user = ?
            """,
            key(check)
        ) { try $0.date() }
    }

    func upsert(_ check: SSHCheck, _ moment: Date) throws {
        try connection.run(
            """
            INSERT INTO ssh_confirmations (tailnet, source_node, destination_node, local_user, confirmed_at)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (tailnet, source_node, destination_node, local_user)
            DO UPDATE SET confirmed_at = max(confirmed_at, excluded.confirmed_at)
            """,
            key(check) + [moment.timeIntervalSinceReferenceDate]
        )
    }

    func delete(through limit: Date) throws {
        try connection.run(
            "DELETE FROM ssh_confirmations WHERE tailnet = ? AND confirmed_at <= ?",
            [tailnet.rawValue, limit.timeIntervalSinceReferenceDate]
        )
    }

    private func key(_ check: SSHCheck) -> [any DatabaseValueConvertible] {
        [tailnet.rawValue, check.source.rawValue, check.destination.rawValue, check.localUser]
    }
}
