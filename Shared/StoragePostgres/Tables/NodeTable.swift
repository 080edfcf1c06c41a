import ControlModel
import Foundation
import IPAddresses
import Keys

struct NodeTable {
    private static let columns = """
        id, stable_id, machine_key, node_key, disco_key, user_id, tags, hostname, given_name, is_name_pinned, ipv4, ipv6, \
        hostinfo, endpoints, home_derp, capability_version, register_method, auth_key_id, is_ephemeral, expiry, \
        approved_routes, routing, is_online, last_seen, created_at, version, is_approved, posture_identity, \
        attributes, attributes_end
        """
    private static let placeholders = (2...31).map { "$\($0)" }.joined(separator: ", ")

    let tailnet: TailnetID

    func select(ids: some Sequence<NodeID>) -> Statement {
        select("id = ANY ($2::bigint[])", [.integers(ids.map(\.rawValue))])
    }

    func select(nodeKey: NodePublicKey) -> Statement {
        select("node_key = $2", [.text(nodeKey.text)])
    }

    func select(machineKey: MachinePublicKey) -> Statement {
        select("machine_key = $2 ORDER BY id", [.text(machineKey.text)])
    }

    func select(after: NodeID?, limit: Int) -> Statement {
        select("id > $2 ORDER BY id LIMIT $3", [.integer(after?.rawValue ?? 0), .integer(limit)])
    }

    /// Nodes that changed after `version`, among the first `limit` changes.
    func selectChanged(after version: Version, limit: Int) -> Statement {
        select("id IN (\(ChangeTable.idsOfKind(.node)))", [.integer(version), .integer(limit)])
    }

    /// Names that are `prefix` or go on with a dash; `.` is the character after the dash.
    func selectGivenNames(like prefix: String) -> Statement {
        Statement(
            """
            SELECT given_name FROM nodes
            WHERE tailnet = $1 AND (given_name = $2 OR given_name >= $2 || '-' AND given_name < $2 || '.')
            """,
            [.text(tailnet.rawValue), .text(prefix)]
        )
    }

    /// Which of these are offline, by id.
    func selectOffline(among ids: some Sequence<NodeID>) -> Statement {
        select("NOT is_online AND id = ANY ($2::bigint[]) ORDER BY id", [.integers(ids.map(\.rawValue))])
    }

    /// Nodes that are online and held by this gateway alone, by id.
    func selectHeldOnly(by gateway: String) -> Statement {
        select(
            """
            is_online AND id IN (SELECT node_id FROM presence_holds WHERE tailnet = $1 AND gateway = $2)
            AND NOT EXISTS (SELECT 1 FROM presence_holds AS other
                WHERE other.tailnet = $1 AND other.node_id = nodes.id AND other.gateway <> $2)
            ORDER BY id
            """,
            [.text(gateway)]
        )
    }

    func selectIdleEphemerals(lastSeenBy date: Date, limit: Int) -> Statement {
        select(
            """
            is_ephemeral AND NOT is_online AND COALESCE(last_seen, created_at) <= $2
            ORDER BY COALESCE(last_seen, created_at), id LIMIT $3
            """,
            [.date(date), .integer(limit)]
        )
    }

    func selectAttributesEnding(by date: Date, limit: Int) -> Statement {
        select("attributes_end <= $2 ORDER BY attributes_end, id LIMIT $3", [.date(date), .integer(limit)])
    }

    func selectAddresses() -> Statement {
        Statement("SELECT ipv4, ipv6 FROM nodes WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    /// How many nodes each of these users owns.
    func countOwned(by users: some Sequence<UserID>) -> Statement {
        Statement(
            """
            SELECT user_id, count(*) FROM nodes WHERE tailnet = $1 AND user_id = ANY ($2::bigint[]) GROUP BY user_id
            """,
            [.text(tailnet.rawValue), .integers(users.map(\.rawValue))]
        )
    }

    /// Who has what of a list of unique values: what it is, the value, the node, its user or 0.
    func selectHolders(_ values: [(column: NodeColumn, values: [String])]) -> Statement {
        let parts = values.enumerated().map { index, part in
            """
            SELECT '\(part.column.rawValue)', \(part.column.rawValue), id, COALESCE(user_id, 0) FROM nodes
            WHERE tailnet = $1 AND \(part.column.rawValue) = ANY ($\(index + 2)::text[])
            """
        }
        return Statement(
            parts.joined(separator: "\nUNION ALL\n"),
            [.text(tailnet.rawValue)] + values.map { .texts($0.values) }
        )
    }

    func addresses(_ rows: RowSet) throws -> [IPAddress] {
        try rows.all("node") { row in
            [try row.optionalText(IPAddress.self), try row.optionalText(IPAddress.self)].compactMap(\.self)
        }.flatMap(\.self)
    }

    func insert(_ node: Node) throws -> Statement {
        Statement(
            "INSERT INTO nodes (tailnet, \(Self.columns)) VALUES ($1, \(Self.placeholders))",
            try values(of: node)
        )
    }

    func update(_ node: Node) throws -> Statement {
        Statement(
            "UPDATE nodes SET (\(Self.columns)) = ROW (\(Self.placeholders)) WHERE tailnet = $1 AND id = $2",
            try values(of: node)
        )
    }

    func delete(_ id: NodeID) -> Statement {
        Statement(
            "DELETE FROM nodes WHERE tailnet = $1 AND id = $2",
            [.text(tailnet.rawValue), .integer(id.rawValue)]
        )
    }

    private func select(_ condition: String, _ values: [SQLValue]) -> Statement {
        Statement(
            "SELECT \(Self.columns) FROM nodes WHERE tailnet = $1 AND \(condition)",
            [.text(tailnet.rawValue)] + values
        )
    }

    private func values(of node: Node) throws -> [SQLValue] {
        [
            .text(tailnet.rawValue), .integer(node.id.rawValue), .text(node.stableID), .text(node.machineKey.text),
            .text(node.nodeKey.text), .text(node.discoKey.text), .integer(node.user?.rawValue), try .json(node.tags),
            .text(node.hostname), .text(node.givenName), .boolean(node.isNamePinned),
            .optionalText(node.ipv4?.description), .optionalText(node.ipv6?.description), try .json(node.hostinfo),
            try .json(node.endpoints), .integer(node.homeDERP), .integer(node.capabilityVersion.rawValue),
            .text(node.registerMethod.rawValue), .integer(node.authKey?.rawValue), .boolean(node.isEphemeral),
            .date(node.expiry), try .json(node.approvedRoutes), .optionalText(try node.routing.map(JSONColumn.text)),
            .boolean(node.isOnline), .date(node.lastSeen),
            .date(node.createdAt), .integer(node.version), .boolean(node.isApproved),
            .optionalText(try node.postureIdentity.map(JSONColumn.text)),
            try .json(node.attributes), .date(node.nextAttributeEnd),
        ]
    }

    func decode(_ row: inout RowReader) throws -> Node {
        var node = Node(
            id: try row.id(),
            tailnet: tailnet,
            stableID: try row.text(),
            machineKey: try row.key(),
            nodeKey: try row.key(),
            discoKey: try row.key(),
            user: try row.optionalID(),
            tags: try row.json(),
            hostname: try row.text(),
            givenName: try row.text(),
            isNamePinned: try row.boolean(),
            ipv4: try row.optionalText(),
            ipv6: try row.optionalText(),
            hostinfo: try row.json(),
            endpoints: try row.json(),
            homeDERP: try row.integer(),
            capabilityVersion: CapabilityVersion(try row.integer()),
            registerMethod: try registerMethod(&row),
            authKey: try row.optionalID(),
            isEphemeral: try row.boolean(),
            expiry: try row.optionalDate(),
            approvedRoutes: try row.json(),
            routing: try row.optionalJSON(),
            isOnline: try row.boolean(),
            lastSeen: try row.optionalDate(),
            createdAt: try row.date(),
            version: try row.integer()
        )
        node.isApproved = try row.boolean()
        node.postureIdentity = try row.optionalJSON()
        node.attributes = try row.json()
        return node
    }

    private func registerMethod(_ row: inout RowReader) throws -> RegisterMethod {
        guard let method = RegisterMethod(rawValue: try row.text()) else { throw row.unreadable(RegisterMethod.self) }
        return method
    }
}

/// A column of nodes that is unique in a tailnet; the machine key for each user.
enum NodeColumn: String, CaseIterable {
    case stableID = "stable_id"
    case machineKey = "machine_key"
    case nodeKey = "node_key"
    case givenName = "given_name"
    case ipv4
    case ipv6
}
