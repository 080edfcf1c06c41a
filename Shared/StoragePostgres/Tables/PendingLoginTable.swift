import ControlModel
import Foundation
import Keys

struct PendingLoginTable {
    let tailnet: TailnetID

    /// Holds off other processes that add logins of this tailnet, until the transaction ends.
    func lock() -> Statement {
        Statement("SELECT pg_advisory_xact_lock(hashtextextended('logins ' || $1::text, 0))", [.text(tailnet.rawValue)])
    }

    func select(_ id: LoginID, now: Date) -> Statement {
        select("id = $3", now, [.text(id.rawValue)])
    }

    func select(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        check: SSHCheck? = nil,
        now: Date
    ) -> Statement {
        select(
            "machine_key = $3 AND node_key = $4 AND subject = $5",
            now,
            [.text(machineKey.text), .text(nodeKey.text), .text(Self.subject(check))]
        )
    }

    /// What a device's login is about, as a text that is unique to it; empty for the device itself.
    private static func subject(_ check: SSHCheck?) -> String {
        check.map { "ssh \($0.destination) \($0.localUser)" } ?? ""
    }

    func selectAll(now: Date) -> Statement {
        select("true ORDER BY created_at, id", now, [])
    }

    func count() -> Statement {
        Statement("SELECT count(*) FROM pending_logins WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    func count(source: String) -> Statement {
        Statement(
            "SELECT count(*) FROM pending_logins WHERE tailnet = $1 AND source = $2",
            [.text(tailnet.rawValue), .text(source)]
        )
    }

    /// The source that has the most logins, and its oldest.
    func selectLargestSource() -> Statement {
        Statement(
            """
            SELECT largest.source,
                (SELECT id FROM pending_logins AS login WHERE login.tailnet = $1 AND login.source = largest.source
                 ORDER BY created_at, id LIMIT 1)
            FROM (SELECT source FROM pending_logins WHERE tailnet = $1
                  GROUP BY source ORDER BY count(*) DESC, min(created_at) LIMIT 1) AS largest
            """,
            [.text(tailnet.rawValue)]
        )
    }

    func insert(_ login: PendingLogin) throws -> Statement {
        Statement(
            """
            INSERT INTO pending_logins
            (tailnet, id, machine_key, node_key, subject, source, content, created_at, deadline, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            [
                .text(tailnet.rawValue), .text(login.id.rawValue), .text(login.machineKey.text),
                .text(login.nodeKey.text), .text(Self.subject(login.check)), .text(login.source), try .json(login),
                .date(login.createdAt), .date(login.deadline), .integer(login.version),
            ]
        )
    }

    /// Touches the row only where it has the version before.
    func update(_ login: PendingLogin) throws -> Statement {
        Statement(
            """
            UPDATE pending_logins SET (content, deadline, version) = ROW ($3, $4, $5)
            WHERE tailnet = $1 AND id = $2 AND version = $5 - 1
            """,
            [
                .text(tailnet.rawValue), .text(login.id.rawValue), try .json(login), .date(login.deadline),
                .integer(login.version),
            ]
        )
    }

    func delete(_ id: LoginID) -> Statement {
        Statement(
            "DELETE FROM pending_logins WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .text(id.rawValue)]
        )
    }

    func deleteEnded(by now: Date) -> Statement {
        Statement(
            "DELETE FROM pending_logins WHERE tailnet = $1 AND deadline <= $2",
            [.text(tailnet.rawValue), .date(now)]
        )
    }

    private func select(_ condition: String, _ now: Date, _ values: [SQLValue]) -> Statement {
        Statement(
            "SELECT content FROM pending_logins WHERE tailnet = $1 AND deadline > $2 AND \(condition)",
            [.text(tailnet.rawValue), .date(now)] + values
        )
    }

    func decode(_ row: inout RowReader) throws -> PendingLogin {
        try row.json()
    }
}
