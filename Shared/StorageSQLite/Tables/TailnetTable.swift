import ControlModel

/// Where a tailnet stands: its version, its next ids, the reach of its change log.
struct TailnetState: Equatable {
    var version: Version = 0
    /// Up to which version the change log was trimmed.
    var trimmedThrough: Version = 0
    var nextUserID: Int64 = 1
    var nextNodeID: Int64 = 1
    var nextAuthKeyID: Int64 = 1
    var nextAPIKeyID: Int64 = 1
}

struct TailnetTable {
    private static let columns =
        "version, trimmed_through, next_user_id, next_node_id, next_auth_key_id, next_api_key_id"

    let connection: SQLConnection
    let tailnet: TailnetID

    func read() throws -> TailnetState {
        try reading("tailnet") {
            try connection.first(
                "SELECT \(Self.columns) FROM tailnets WHERE tailnet = ?",
                [tailnet.rawValue]
            ) { row in
                TailnetState(
                    version: try row.next(),
                    trimmedThrough: try row.next(),
                    nextUserID: try row.next(),
                    nextNodeID: try row.next(),
                    nextAuthKeyID: try row.next(),
                    nextAPIKeyID: try row.next()
                )
            } ?? TailnetState()
        }
    }

    func write(_ state: TailnetState) throws {
        try connection.run(
            """
            INSERT INTO tailnets (tailnet, \(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tailnet) DO UPDATE SET (\(Self.columns)) = (
                excluded.version, excluded.trimmed_through, excluded.next_user_id, excluded.next_node_id,
                excluded.next_auth_key_id, excluded.next_api_key_id)
            """,
            [
                tailnet.rawValue, state.version, state.trimmedThrough, state.nextUserID, state.nextNodeID,
                state.nextAuthKeyID, state.nextAPIKeyID,
            ]
        )
    }
}
