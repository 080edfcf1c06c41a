import ControlModel
import Foundation
import GRDB
import IPAddresses
import Keys

struct NodeTable {
    private static let columns = """
        id, stable_id, machine_key, node_key, disco_key, user_id, tags, hostname, given_name, is_name_pinned, ipv4, ipv6, \
        hostinfo, endpoints, home_derp, capability_version, register_method, auth_key_id, is_ephemeral, expiry, \
        approved_routes, routing, is_online, last_seen, created_at, version, is_approved, posture_identity, \
        attributes, attributes_end
        """
    private static let placeholders = Array(repeating: "?", count: 30).joined(separator: ", ")

    let connection: SQLConnection
    let tailnet: TailnetID

    func find(_ id: NodeID) throws -> Node? {
        try select("id = ?", [id.rawValue]).first
    }

    func find(nodeKey: NodePublicKey) throws -> Node? {
        try select("node_key = ?", [nodeKey.text]).first
    }

    func find(machineKey: MachinePublicKey) throws -> [Node] {
        try select("machine_key = ? ORDER BY id", [machineKey.text])
    }

    func all(after: NodeID?, limit: Int) throws -> [Node] {
        try select("id > ? ORDER BY id LIMIT ?", [after?.rawValue ?? 0, limit])
    }

    func idleEphemerals(lastSeenBy date: Date, limit: Int) throws -> [Node] {
        try select(
            """
            is_ephemeral = 1 AND is_online = 0 AND COALESCE(last_seen, created_at) <= ?
            ORDER BY COALESCE(last_seen, created_at), id LIMIT ?
            """,
            [date.timeIntervalSinceReferenceDate, limit]
        )
    }

    func attributesEnding(by date: Date, limit: Int) throws -> [Node] {
        try select(
            "attributes_end <= ? ORDER BY attributes_end, id LIMIT ?",
            [date.timeIntervalSinceReferenceDate, limit]
        )
    }

    /// Names that are `prefix` or go on with a dash; `.` is the character after the dash.
    func givenNames(like prefix: String) throws -> [String] {
        try connection.all(
            """
            SELECT given_name FROM nodes
            WHERE tailnet = ?1 AND (given_name = ?2 OR given_name >= ?2 || '-' AND given_name < ?2 || '.')
            """,
            [tailnet.rawValue, prefix]
        ) { try $0.next() }
    }

    func addresses() throws -> [IPAddress] {
        try reading("node") {
            let pairs = try connection.all(
                "SELECT ipv4, ipv6 FROM nodes WHERE tailnet = ?",
                [tailnet.rawValue]
            ) { row in
                [try row.optionalText(IPAddress.self), try row.optionalText(IPAddress.self)].compactMap(\.self)
            }
            return pairs.flatMap(\.self)
        }
    }

    func insert(_ node: Node) throws {
        try connection.run(
            "INSERT INTO nodes (\(Self.columns), tailnet) VALUES (\(Self.placeholders), ?)",
            try values(of: node) + [tailnet.rawValue]
        )
    }

    func update(_ node: Node) throws {
        try connection.run(
            "UPDATE nodes SET (\(Self.columns)) = (\(Self.placeholders)) WHERE tailnet = ? AND id = ?",
            try values(of: node) + [tailnet.rawValue, node.id.rawValue]
        )
    }

    func delete(_ id: NodeID) throws {
        try connection.run("DELETE FROM nodes WHERE tailnet = ? AND id = ?", [tailnet.rawValue, id.rawValue])
    }

    private func select(_ condition: String, _ values: [any DatabaseValueConvertible]) throws -> [Node] {
        try reading("node") {
            try connection.all(
                "SELECT \(Self.columns) FROM nodes WHERE tailnet = ? AND \(condition)",
                [tailnet.rawValue] + values,
                decode: decode
            )
        }
    }

    private func values(of node: Node) throws -> [(any DatabaseValueConvertible)?] {
        [
            node.id.rawValue, node.stableID, node.machineKey.text, node.nodeKey.text, node.discoKey.text,
            node.user?.rawValue, try JSONColumn.text(node.tags), node.hostname, node.givenName, node.isNamePinned,
            node.ipv4?.description, node.ipv6?.description, try JSONColumn.text(node.hostinfo),
            try JSONColumn.text(node.endpoints), node.homeDERP, node.capabilityVersion.rawValue,
            node.registerMethod.rawValue, node.authKey?.rawValue, node.isEphemeral,
            node.expiry?.timeIntervalSinceReferenceDate, try JSONColumn.text(node.approvedRoutes),
            try node.routing.map(JSONColumn.text), node.isOnline,
            node.lastSeen?.timeIntervalSinceReferenceDate, node.createdAt.timeIntervalSinceReferenceDate, node.version,
            node.isApproved, try node.postureIdentity.map(JSONColumn.text),
            try JSONColumn.text(node.attributes), node.nextAttributeEnd?.timeIntervalSinceReferenceDate,
        ]
    }

    private func decode(_ row: inout RowReader) throws -> Node {
        var node = Node(
            id: try row.id(),
            tailnet: tailnet,
            stableID: try row.next(),
            machineKey: try row.key(),
            nodeKey: try row.key(),
            discoKey: try row.key(),
            user: try row.optionalID(),
            tags: try row.json(),
            hostname: try row.next(),
            givenName: try row.next(),
            isNamePinned: try row.next(),
            ipv4: try row.optionalText(),
            ipv6: try row.optionalText(),
            hostinfo: try row.json(),
            endpoints: try row.json(),
            homeDERP: try row.next(),
            capabilityVersion: CapabilityVersion(try row.next()),
            registerMethod: try registerMethod(&row),
            authKey: try row.optionalID(),
            isEphemeral: try row.next(),
            expiry: try row.optionalDate(),
            approvedRoutes: try row.json(),
            routing: try row.optionalJSON(),
            isOnline: try row.next(),
            lastSeen: try row.optionalDate(),
            createdAt: try row.date(),
            version: try row.next()
        )
        node.isApproved = try row.next()
        node.postureIdentity = try row.optionalJSON()
        node.attributes = try row.json()
        return node
    }

    private func registerMethod(_ row: inout RowReader) throws -> RegisterMethod {
        guard let method = RegisterMethod(rawValue: try row.next()) else { throw row.unreadable(RegisterMethod.self) }
        return method
    }
}
