import ControlModel
import Storage

/// The change log: which row each version is about; the rows themselves are in their tables.
struct ChangeTable {
    enum Kind: String {
        case user
        case node
        case authKey
        case apiKey
    }

    let connection: SQLConnection
    let tailnet: TailnetID

    func insert(_ change: RegistryChange) throws {
        let (kind, id): (Kind, Int64) =
            switch change.subject {
            case .user(let user): (.user, user.id.rawValue)
            case .userRemoved(let id): (.user, id.rawValue)
            case .node(let node): (.node, node.id.rawValue)
            case .nodeRemoved(let id): (.node, id.rawValue)
            case .authKey(let id): (.authKey, id.rawValue)
            case .apiKey(let id): (.apiKey, id.rawValue)
            }
        try connection.run(
            "INSERT INTO changes (tailnet, version, kind, id) VALUES (?, ?, ?, ?)",
            [tailnet.rawValue, change.version, kind.rawValue, id]
        )
    }

    func read(after version: Version, limit: Int) throws -> [RegistryChange] {
        let entries = try reading("change") {
            try connection.all(
                "SELECT version, kind, id FROM changes WHERE tailnet = ? AND version > ? ORDER BY version LIMIT ?",
                [tailnet.rawValue, version, limit]
            ) { row in
                let version: Version = try row.next()
                guard let kind = Kind(rawValue: try row.next()) else { throw row.unreadable(Kind.self) }
                return (version, kind, try row.next(Int64.self))
            }
        }
        return try entries.map { RegistryChange(version: $0.0, subject: try subject($0.1, id: $0.2)) }
    }

    func trim(through version: Version) throws {
        try connection.run(
            "DELETE FROM changes WHERE tailnet = ? AND version <= ?",
            [tailnet.rawValue, version]
        )
    }

    /// The row as it is now; a row that is gone by now is told as removed.
    private func subject(_ kind: Kind, id: Int64) throws -> RegistryChange.Subject {
        switch kind {
        case .user:
            let id: UserID = try identifier(id)
            let user = try UserTable(connection: connection, tailnet: tailnet).find(id)
            return user.map { .user($0) } ?? .userRemoved(id)
        case .node:
            let id: NodeID = try identifier(id)
            let node = try NodeTable(connection: connection, tailnet: tailnet).find(id)
            return node.map { .node($0) } ?? .nodeRemoved(id)
        case .authKey:
            return .authKey(try identifier(id))
        case .apiKey:
            return .apiKey(try identifier(id))
        }
    }

    private func identifier<Entity>(_ number: Int64) throws -> Identifier<Entity> {
        guard let id = Identifier<Entity>(number) else {
            throw StorageError.corrupt(
                entity: "change",
                cause: UnreadableColumn(position: 2, expected: "\(Identifier<Entity>.self)")
            )
        }
        return id
    }
}
