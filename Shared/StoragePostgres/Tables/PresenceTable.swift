import ControlModel
import Foundation
import Storage

/// Gateways, what they hold, and nodes that nobody holds; many nodes are one statement.
struct PresenceTable {
    let tailnet: TailnetID

    func selectBeat(of gateway: String) -> Statement {
        Statement(
            "SELECT beat FROM presence_gateways WHERE tailnet = $1 AND gateway = $2",
            [.text(tailnet.rawValue), .text(gateway)]
        )
    }

    func countGateways() -> Statement {
        Statement("SELECT count(*) FROM presence_gateways WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    func write(_ beat: Int64, of gateway: String) -> Statement {
        Statement(
            """
            INSERT INTO presence_gateways (tailnet, gateway, beat) VALUES ($1, $2, $3)
            ON CONFLICT (tailnet, gateway) DO UPDATE SET beat = excluded.beat
            """,
            [.text(tailnet.rawValue), .text(gateway), .integer(beat)]
        )
    }

    /// Forgets a gateway and what it holds.
    func delete(_ gateway: String) -> Statement {
        Statement(
            "DELETE FROM presence_gateways WHERE tailnet = $1 AND gateway = $2",
            [.text(tailnet.rawValue), .text(gateway)]
        )
    }

    /// All that a gateway holds.
    func selectHeld(by gateway: String) -> Statement {
        Statement(
            "SELECT node_id FROM presence_holds WHERE tailnet = $1 AND gateway = $2",
            [.text(tailnet.rawValue), .text(gateway)]
        )
    }

    /// Which of these a gateway holds.
    func selectHeld(by gateway: String, among nodes: Set<NodeID>) -> Statement {
        Statement(
            """
            SELECT node_id FROM presence_holds WHERE tailnet = $1 AND gateway = $2 AND node_id = ANY ($3::bigint[])
            """,
            [.text(tailnet.rawValue), .text(gateway), .integers(nodes.map(\.rawValue))]
        )
    }

    /// Lets a gateway hold those of these nodes that exist; they leave no more.
    func hold(_ nodes: Set<NodeID>, at gateway: String) -> [Statement] {
        let ids = SQLValue.integers(nodes.map(\.rawValue))
        return [
            Statement(
                """
                INSERT INTO presence_holds (tailnet, gateway, node_id)
                SELECT tailnet, $2, id FROM nodes WHERE tailnet = $1 AND id = ANY ($3::bigint[])
                ON CONFLICT (tailnet, gateway, node_id) DO NOTHING
                """,
                [.text(tailnet.rawValue), .text(gateway), ids]
            ),
            Statement(
                "DELETE FROM presence_leaving WHERE tailnet = $1 AND node_id = ANY ($2::bigint[])",
                [.text(tailnet.rawValue), ids]
            ),
        ]
    }

    /// Lets a gateway let go of nodes; those that are online and held by no other one get a new mark.
    func letGo(_ nodes: Set<NodeID>, at gateway: String) -> [Statement] {
        let ids = SQLValue.integers(nodes.map(\.rawValue))
        return [
            Statement(
                """
                DELETE FROM presence_holds WHERE tailnet = $1 AND gateway = $2 AND node_id = ANY ($3::bigint[])
                """,
                [.text(tailnet.rawValue), .text(gateway), ids]
            ),
            Statement(
                """
                INSERT INTO presence_leaving (tailnet, node_id)
                SELECT tailnet, id FROM nodes WHERE tailnet = $1 AND is_online AND id = ANY ($2::bigint[])
                    AND NOT EXISTS (SELECT 1 FROM presence_holds
                        WHERE presence_holds.tailnet = $1 AND node_id = nodes.id)
                ON CONFLICT (tailnet, node_id) DO UPDATE SET mark = excluded.mark
                """,
                [.text(tailnet.rawValue), ids]
            ),
        ]
    }

    func selectBeats() -> Statement {
        Statement("SELECT gateway, beat FROM presence_gateways WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    func selectMarks() -> Statement {
        Statement("SELECT node_id, mark FROM presence_leaving WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    func selectMarks(of nodes: some Sequence<NodeID>) -> Statement {
        Statement(
            "SELECT node_id, mark FROM presence_leaving WHERE tailnet = $1 AND node_id = ANY ($2::bigint[])",
            [.text(tailnet.rawValue), .integers(nodes.map(\.rawValue))]
        )
    }

    func deleteMarks(of nodes: some Sequence<NodeID>) -> Statement {
        Statement(
            "DELETE FROM presence_leaving WHERE tailnet = $1 AND node_id = ANY ($2::bigint[])",
            [.text(tailnet.rawValue), .integers(nodes.map(\.rawValue))]
        )
    }

    func nodes(_ rows: RowSet) throws -> Set<NodeID> {
        Set(try rows.all("presence") { try $0.id() as NodeID })
    }

    func number(_ rows: RowSet) throws -> Int64? {
        try rows.first("presence") { try $0.integer() }
    }

    func beats(_ rows: RowSet) throws -> [String: Int64] {
        Dictionary(try rows.all("presence") { (try $0.text(), try $0.integer(Int64.self)) }) { first, _ in first }
    }

    func marks(_ rows: RowSet) throws -> [NodeID: Int64] {
        Dictionary(try rows.all("presence") { (try $0.id() as NodeID, try $0.integer(Int64.self)) }) { first, _ in
            first
        }
    }
}
