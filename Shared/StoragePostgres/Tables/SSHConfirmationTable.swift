import ControlModel
import Foundation

struct SSHConfirmationTable {
    let tailnet: TailnetID

    func select(_ check: SSHCheck) -> Statement {
        Statement(
            """
            SELECT confirmed_at FROM ssh_confirmations
            WHERE tailnet = $1 AND source_node = $2 AND destination_node = $3 AND local_user = $4
            """,
            key(check)
        )
    }

    func upsert(_ check: SSHCheck, _ moment: Date) -> Statement {
        Statement(
            """
            INSERT INTO ssh_confirmations AS known (tailnet, source_node, destination_node, local_user, confirmed_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT ON CONSTRAINT ssh_confirmations_pkey
            DO UPDATE SET confirmed_at = greatest(known.confirmed_at, excluded.confirmed_at)
            """,
            key(check) + [.date(moment)]
        )
    }

    func delete(through limit: Date) -> Statement {
        Statement(
            "DELETE FROM ssh_confirmations WHERE tailnet = $1 AND confirmed_at <= $2",
            [.text(tailnet.rawValue), .date(limit)]
        )
    }

    private func key(_ check: SSHCheck) -> [SQLValue] {
        [
            .text(tailnet.rawValue), .integer(check.source.rawValue), .integer(check.destination.rawValue),
            .text(check.localUser),
        ]
    }
}
