import ControlModel
import Storage

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

enum TailnetTable {
    private static let columns =
        "version, trimmed_through, next_user_id, next_node_id, next_auth_key_id, next_api_key_id"

    static func select(_ tailnet: TailnetID) -> Statement {
        Statement("SELECT \(columns) FROM tailnets WHERE tailnet = $1", [.text(tailnet.rawValue)])
    }

    /// The row that every writer of a tailnet holds until its transaction ends.
    static func lock(_ tailnet: TailnetID) -> Statement {
        Statement("SELECT \(columns) FROM tailnets WHERE tailnet = $1 FOR UPDATE", [.text(tailnet.rawValue)])
    }

    static func create(_ tailnet: TailnetID) -> Statement {
        Statement(
            """
            INSERT INTO tailnets (tailnet, \(columns)) VALUES ($1, 0, 0, 1, 1, 1, 1) ON CONFLICT (tailnet) DO NOTHING
            """,
            [.text(tailnet.rawValue)]
        )
    }

    /// Everything but the reach of the log.
    static func update(_ state: TailnetState, tailnet: TailnetID) -> Statement {
        Statement(
            """
            UPDATE tailnets SET version = $2, next_user_id = $3, next_node_id = $4, next_auth_key_id = $5,
                next_api_key_id = $6 WHERE tailnet = $1
            """,
            [
                .text(tailnet.rawValue), .integer(state.version), .integer(state.nextUserID),
                .integer(state.nextNodeID),
                .integer(state.nextAuthKeyID), .integer(state.nextAPIKeyID),
            ]
        )
    }

    /// Makes the row where there is none; answers with the first id.
    static func claim(_ kind: IdentifierKind, count: Int, tailnet: TailnetID) -> Statement {
        let next = kind.column
        let firsts = IdentifierKind.allCases.map { $0 == kind ? "1 + $2::bigint" : "1" }
        return Statement(
            """
            INSERT INTO tailnets (tailnet, version, trimmed_through, \(IdentifierKind.columns))
            VALUES ($1, 0, 0, \(firsts.joined(separator: ", ")))
            ON CONFLICT (tailnet) DO UPDATE SET \(next) = tailnets.\(next) + $2::bigint
            RETURNING \(next) - $2::bigint
            """,
            [.text(tailnet.rawValue), .integer(count)]
        )
    }

    static func trim(through version: Version, tailnet: TailnetID) -> Statement {
        Statement(
            """
            UPDATE tailnets SET trimmed_through = LEAST($2::bigint, version) WHERE tailnet = $1 AND trimmed_through < $2
            """,
            [.text(tailnet.rawValue), .integer(version)]
        )
    }

    static func state(_ rows: RowSet) throws -> TailnetState? {
        try rows.first("tailnet") { row in
            TailnetState(
                version: try row.integer(),
                trimmedThrough: try row.integer(),
                nextUserID: try row.integer(),
                nextNodeID: try row.integer(),
                nextAuthKeyID: try row.integer(),
                nextAPIKeyID: try row.integer()
            )
        }
    }
}

extension IdentifierKind {
    /// The columns of all cases, in their order.
    fileprivate static let columns = allCases.map(\.column).joined(separator: ", ")

    fileprivate var column: String {
        switch self {
        case .user: "next_user_id"
        case .node: "next_node_id"
        case .authKey: "next_auth_key_id"
        case .apiKey: "next_api_key_id"
        }
    }
}
