import ControlModel
import Storage

/// The change log: which row each version is about, and which commit wrote it; the rows themselves are in their tables.
struct ChangeTable {
    enum Kind: String {
        case user
        case node
        case authKey
        case apiKey
    }

    let tailnet: TailnetID

    /// - Parameter writer: a random number that tells this commit from all others.
    func insert(_ changes: [RegistryChange], writer: Int64) -> Statement {
        let entries = changes.map(Self.entry)
        return Statement(
            """
            INSERT INTO changes (tailnet, version, kind, id, writer)
            SELECT $1, version, kind, id, $5::bigint FROM unnest($2::bigint[], $3::text[], $4::bigint[])
                AS entry (version, kind, id)
            """,
            [
                .text(tailnet.rawValue), .integers(changes.map(\.version)), .texts(entries.map(\.kind.rawValue)),
                .integers(entries.map(\.id)), .integer(writer),
            ]
        )
    }

    func selectWriter(of version: Version) -> Statement {
        Statement(
            "SELECT writer FROM changes WHERE tailnet = $1 AND version = $2",
            [.text(tailnet.rawValue), .integer(version)]
        )
    }

    func select(after version: Version, limit: Int) -> Statement {
        Statement(
            "SELECT version, kind, id FROM changes WHERE tailnet = $1 AND version > $2 ORDER BY version LIMIT $3",
            [.text(tailnet.rawValue), .integer(version), .integer(limit)]
        )
    }

    /// A query of the ids of one kind among the first `$3` changes after version `$2`.
    static func idsOfKind(_ kind: Kind) -> String {
        """
        SELECT id FROM (SELECT kind, id FROM changes WHERE tailnet = $1 AND version > $2 ORDER BY version LIMIT $3)
        AS part WHERE kind = '\(kind.rawValue)'
        """
    }

    /// What the tailnet's row says is trimmed.
    func deleteTrimmed() -> Statement {
        Statement(
            """
            DELETE FROM changes WHERE tailnet = $1
                AND version <= (SELECT trimmed_through FROM tailnets WHERE tailnet = $1)
            """,
            [.text(tailnet.rawValue)]
        )
    }

    /// The rows as they are now; a row that is gone by now is told as removed.
    func changes(_ log: RowSet, users: [User], nodes: [Node]) throws -> [RegistryChange] {
        let users = Dictionary(users.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let nodes = Dictionary(nodes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return try log.all("change") { row in
            let version: Version = try row.integer()
            guard let kind = Kind(rawValue: try row.text()) else { throw row.unreadable(Kind.self) }
            let subject: RegistryChange.Subject
            switch kind {
            case .user:
                let id: UserID = try row.id()
                subject = users[id].map { .user($0) } ?? .userRemoved(id)
            case .node:
                let id: NodeID = try row.id()
                subject = nodes[id].map { .node($0) } ?? .nodeRemoved(id)
            case .authKey: subject = .authKey(try row.id())
            case .apiKey: subject = .apiKey(try row.id())
            }
            return RegistryChange(version: version, subject: subject)
        }
    }

    private static func entry(_ change: RegistryChange) -> (kind: Kind, id: Int64) {
        switch change.subject {
        case .user(let user): (.user, user.id.rawValue)
        case .userRemoved(let id): (.user, id.rawValue)
        case .node(let node): (.node, node.id.rawValue)
        case .nodeRemoved(let id): (.node, id.rawValue)
        case .authKey(let id): (.authKey, id.rawValue)
        case .apiKey(let id): (.apiKey, id.rawValue)
        }
    }
}
