import ControlModel
import Storage

/// The part of a tailnet that a group of batches is about, as the database has it and as the batches change it.
struct TailnetImage {
    /// A row, or why it cannot be read: that fails those who need it.
    typealias Stored<Row> = Result<Row, StorageError>

    var users: Layered<UserID, Stored<User>>
    var userNames: Layered<String, UserID>
    /// Nodes of users who may leave.
    var ownedNodes: Layered<UserID, Int>
    var nodes: Layered<NodeID, Stored<Node>>
    var nodeValues: [NodeColumn: Layered<UniqueValues.Value, NodeID>]
    var authKeys: Layered<AuthKeyID, Stored<AuthKey>>
    var authKeyPrefixes: Layered<String, AuthKeyID>
    var apiKeys: Layered<APIKeyID, Stored<APIKey>>
    var apiKeyPrefixes: Layered<String, APIKeyID>

    mutating func settle() {
        users.settle()
        userNames.settle()
        ownedNodes.settle()
        nodes.settle()
        for column in nodeValues.keys { nodeValues[column]?.settle() }
        authKeys.settle()
        authKeyPrefixes.settle()
        apiKeys.settle()
        apiKeyPrefixes.settle()
    }

    mutating func drop() {
        users.drop()
        userNames.drop()
        ownedNodes.drop()
        nodes.drop()
        for column in nodeValues.keys { nodeValues[column]?.drop() }
        authKeys.drop()
        authKeyPrefixes.drop()
        apiKeys.drop()
        apiKeyPrefixes.drop()
    }
}

extension TailnetImage {
    /// Nothing is in the database.
    static var empty: TailnetImage {
        TailnetImage(
            users: Layered([:]),
            userNames: Layered([:]),
            ownedNodes: Layered([:]),
            nodes: Layered([:]),
            nodeValues: Dictionary(uniqueKeysWithValues: NodeColumn.allCases.map { ($0, Layered([:])) }),
            authKeys: Layered([:]),
            authKeyPrefixes: Layered([:]),
            apiKeys: Layered([:]),
            apiKeyPrefixes: Layered([:])
        )
    }
}
