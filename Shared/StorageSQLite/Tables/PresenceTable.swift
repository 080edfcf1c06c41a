import ControlModel
import Foundation
import Storage

/// Gateways, what they hold, and nodes that nobody holds; many nodes are one statement, given as a JSON array.
struct PresenceTable {
    private static let listed = "(SELECT value FROM json_each(?))"

    let connection: SQLConnection
    let tailnet: TailnetID

    func survey() throws -> PresenceSurvey {
        PresenceSurvey(
            gateways: Dictionary(uniqueKeysWithValues: try beats()),
            leaving: Dictionary(uniqueKeysWithValues: try marks())
        )
    }

    func beat(of gateway: String) throws -> Int64? {
        try connection.first(
            "SELECT beat FROM presence_gateways WHERE tailnet = ? AND gateway = ?",
            [tailnet.rawValue, gateway]
        ) { try $0.next() }
    }

    func gatewayCount() throws -> Int {
        try connection.first("SELECT COUNT(*) FROM presence_gateways WHERE tailnet = ?", [tailnet.rawValue]) {
            try $0.next()
        } ?? 0
    }

    func write(_ beat: Int64, of gateway: String) throws {
        try connection.run(
            """
            INSERT INTO presence_gateways (tailnet, gateway, beat) VALUES (?, ?, ?)
            ON CONFLICT (tailnet, gateway) DO UPDATE SET beat = excluded.beat
            """,
            [tailnet.rawValue, gateway, beat]
        )
    }

    /// Forgets a gateway and what it holds.
    func delete(_ gateway: String) throws {
        try connection.run(
            "DELETE FROM presence_gateways WHERE tailnet = ? AND gateway = ?",
            [tailnet.rawValue, gateway]
        )
    }

    /// All that a gateway holds.
    func held(by gateway: String) throws -> Set<NodeID> {
        Set(try nodes("SELECT node_id FROM presence_holds WHERE tailnet = ? AND gateway = ?", [gateway]))
    }

    /// Which of these a gateway holds.
    func held(by gateway: String, among nodes: some Sequence<NodeID>) throws -> Set<NodeID> {
        Set(
            try self.nodes(
                "SELECT node_id FROM presence_holds WHERE tailnet = ? AND gateway = ? AND node_id IN \(Self.listed)",
                [gateway, Self.list(nodes)]
            )
        )
    }

    /// Nodes that are online and held by this gateway alone, by id.
    func heldOnly(by gateway: String) throws -> [NodeID] {
        try nodes(
            """
            SELECT id FROM nodes WHERE tailnet = ?1 AND is_online = 1
                AND id IN (SELECT node_id FROM presence_holds WHERE tailnet = ?1 AND gateway = ?2)
                AND NOT EXISTS (SELECT 1 FROM presence_holds
                    WHERE tailnet = ?1 AND node_id = nodes.id AND gateway <> ?2)
            ORDER BY id
            """,
            [gateway]
        )
    }

    /// Lets a gateway hold those of these nodes that exist; they leave no more.
    ///
    /// - Returns: those that are not online yet, by id.
    func hold(_ nodes: Set<NodeID>, at gateway: String) throws -> [NodeID] {
        let list = Self.list(nodes)
        try connection.run(
            """
            INSERT OR IGNORE INTO presence_holds (tailnet, gateway, node_id)
                SELECT tailnet, ?, id FROM nodes WHERE tailnet = ? AND id IN \(Self.listed)
            """,
            [gateway, tailnet.rawValue, list]
        )
        try connection.run(
            "DELETE FROM presence_leaving WHERE tailnet = ? AND node_id IN \(Self.listed)",
            [tailnet.rawValue, list]
        )
        return try self.nodes(
            "SELECT id FROM nodes WHERE tailnet = ? AND is_online = 0 AND id IN \(Self.listed) ORDER BY id",
            [list]
        )
    }

    /// Lets a gateway let go of nodes; those that are online and held by no other one get a new mark.
    func letGo(_ nodes: Set<NodeID>, at gateway: String) throws {
        let list = Self.list(nodes)
        try connection.run(
            "DELETE FROM presence_holds WHERE tailnet = ? AND gateway = ? AND node_id IN \(Self.listed)",
            [tailnet.rawValue, gateway, list]
        )
        try connection.run(
            """
            INSERT OR REPLACE INTO presence_leaving (tailnet, node_id)
                SELECT tailnet, id FROM nodes WHERE tailnet = ? AND is_online = 1 AND id IN \(Self.listed)
                    AND NOT EXISTS (SELECT 1 FROM presence_holds
                        WHERE presence_holds.tailnet = nodes.tailnet AND node_id = nodes.id)
            """,
            [tailnet.rawValue, list]
        )
    }

    /// Whether the node's mark was still this one; it is no more.
    func takeMark(_ mark: Int64, of node: NodeID) throws -> Bool {
        try connection.run(
            "DELETE FROM presence_leaving WHERE tailnet = ? AND node_id = ? AND mark = ?",
            [tailnet.rawValue, node.rawValue, mark]
        )
        return connection.affectedRows == 1
    }

    private func beats() throws -> [(String, Int64)] {
        try connection.all("SELECT gateway, beat FROM presence_gateways WHERE tailnet = ?", [tailnet.rawValue]) {
            (try $0.next(), try $0.next())
        }
    }

    private func marks() throws -> [(NodeID, Int64)] {
        try connection.all("SELECT node_id, mark FROM presence_leaving WHERE tailnet = ?", [tailnet.rawValue]) {
            (try $0.id(), try $0.next())
        }
    }

    private func nodes(_ sql: String, _ arguments: [String]) throws -> [NodeID] {
        try reading("presence") {
            try connection.all(sql, [tailnet.rawValue] + arguments) { try $0.id() }
        }
    }

    private static func list(_ nodes: some Sequence<NodeID>) -> String {
        "[" + nodes.map { String($0.rawValue) }.joined(separator: ",") + "]"
    }
}
