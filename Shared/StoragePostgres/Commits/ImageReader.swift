import ControlModel
import Storage

/// Reads an image of what a group of batches needs to know: the statements, and what is made of their answers.
struct ImageReader {
    private let parts: [Part]

    /// A statement, and what it fills in.
    private struct Part {
        var statement: Statement
        var fill: (RowSet, inout TailnetImage) throws -> Void
    }

    init(_ needs: CommitNeeds, tailnet: TailnetID) {
        parts =
            Self.users(needs, UserTable(tailnet: tailnet)) + Self.nodes(needs, NodeTable(tailnet: tailnet))
            + Self.authKeys(needs, AuthKeyTable(tailnet: tailnet)) + Self.apiKeys(needs, APIKeyTable(tailnet: tailnet))
    }

    var statements: [Statement] { parts.map(\.statement) }

    func image(_ answers: some Sequence<RowSet>) throws -> TailnetImage {
        var image = TailnetImage.empty
        for (part, rows) in zip(parts, answers) { try part.fill(rows, &image) }
        image.settle()
        return image
    }

    private static func users(_ needs: CommitNeeds, _ table: UserTable) -> [Part] {
        var parts: [Part] = []
        if !needs.users.isEmpty {
            parts.append(
                Part(statement: table.select(ids: needs.users)) { rows, image in
                    try stored(rows, "user", table.decode) { image.users[$0] = $1 }
                }
            )
        }
        if !needs.userNames.isEmpty {
            parts.append(
                Part(statement: table.selectHolders(names: needs.userNames)) { rows, image in
                    for (id, name) in try holders(rows, of: User.self) { image.userNames[name] = id }
                }
            )
        }
        return parts
    }

    private static func nodes(_ needs: CommitNeeds, _ table: NodeTable) -> [Part] {
        var parts: [Part] = []
        if !needs.nodes.isEmpty {
            parts.append(
                Part(statement: table.select(ids: needs.nodes)) { rows, image in
                    try stored(rows, "node", table.decode) { image.nodes[$0] = $1 }
                }
            )
        }
        if !needs.nodeValues.isEmpty {
            // All columns each time, so that there is one statement to prepare.
            let values = NodeColumn.allCases.map { (column: $0, values: Array(needs.nodeValues[$0] ?? [])) }
            parts.append(Part(statement: table.selectHolders(values), fill: fillNodeValues))
        }
        if !needs.leavingUsers.isEmpty {
            parts.append(
                Part(statement: table.countOwned(by: needs.leavingUsers)) { rows, image in
                    for (user, count) in try rows.all("node", { (try $0.id() as UserID, try $0.integer(Int.self)) }) {
                        image.ownedNodes[user] = count
                    }
                }
            )
        }
        return parts
    }

    private static func fillNodeValues(_ rows: RowSet, _ image: inout TailnetImage) throws {
        let holders = try rows.all("node") { row in
            guard let column = NodeColumn(rawValue: try row.text()) else { throw row.unreadable(NodeColumn.self) }
            let (text, id, user) = (try row.text(), try row.id() as NodeID, try row.integer(Int64.self))
            return (column, UniqueValues.Value(text: text, user: column == .machineKey ? user : 0), id)
        }
        for (column, value, id) in holders { image.nodeValues[column]?[value] = id }
    }

    private static func authKeys(_ needs: CommitNeeds, _ table: AuthKeyTable) -> [Part] {
        var parts: [Part] = []
        if !needs.authKeys.isEmpty || !needs.leavingUsers.isEmpty {
            let statement =
                needs.leavingUsers.isEmpty
                ? table.select(ids: needs.authKeys) : table.select(ids: needs.authKeys, users: needs.leavingUsers)
            parts.append(
                Part(statement: statement) { rows, image in
                    try stored(rows, "auth key", table.decode) { image.authKeys[$0] = $1 }
                }
            )
        }
        if !needs.authKeyPrefixes.isEmpty {
            parts.append(
                Part(statement: table.selectHolders(prefixes: needs.authKeyPrefixes)) { rows, image in
                    for (id, prefix) in try holders(rows, of: AuthKey.self) { image.authKeyPrefixes[prefix] = id }
                }
            )
        }
        return parts
    }

    private static func apiKeys(_ needs: CommitNeeds, _ table: APIKeyTable) -> [Part] {
        var parts: [Part] = []
        if !needs.apiKeys.isEmpty {
            parts.append(
                Part(statement: table.select(ids: needs.apiKeys)) { rows, image in
                    try stored(rows, "API key", table.decode) { image.apiKeys[$0] = $1 }
                }
            )
        }
        if !needs.apiKeyPrefixes.isEmpty {
            parts.append(
                Part(statement: table.selectHolders(prefixes: needs.apiKeyPrefixes)) { rows, image in
                    for (id, prefix) in try holders(rows, of: APIKey.self) { image.apiKeyPrefixes[prefix] = id }
                }
            )
        }
        return parts
    }

    /// Rows by their id, which is the first column; one that cannot be read is told when it is needed.
    private static func stored<Row>(
        _ rows: RowSet,
        _ entity: String,
        _ decode: (inout RowReader) throws -> Row,
        _ take: (Identifier<Row>, TailnetImage.Stored<Row>) -> Void
    ) throws {
        for row in 0..<rows.count {
            var (forID, forRow) = (RowReader(rows, row: row), RowReader(rows, row: row))
            let id: Identifier<Row> = try reading(entity) { try forID.id() }
            take(id, Result { try reading(entity) { try decode(&forRow) } }.mapError { StorageError(of: $0) })
        }
    }

    private static func holders<Row>(_ rows: RowSet, of type: Row.Type) throws -> [(Identifier<Row>, String)] {
        try rows.all("\(type)") { (try $0.id(), try $0.text()) }
    }
}
