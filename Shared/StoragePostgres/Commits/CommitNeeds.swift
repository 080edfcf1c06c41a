import ControlModel
import IPAddresses
import Keys
import Storage

/// What must be known of the database to decide about a group of batches.
struct CommitNeeds: Equatable {
    var users: Set<UserID> = []
    var userNames: Set<String> = []
    /// Users of whom it matters whether they own nodes, and which auth keys they have.
    var leavingUsers: Set<UserID> = []
    var nodes: Set<NodeID> = []
    /// Values of unique columns that nodes are to have.
    var nodeValues: [NodeColumn: Set<String>] = [:]
    var authKeys: Set<AuthKeyID> = []
    var authKeyPrefixes: Set<String> = []
    var apiKeys: Set<APIKeyID> = []
    var apiKeyPrefixes: Set<String> = []

    init(_ batches: [[RegistryWrite]]) {
        for batch in batches {
            for write in batch { note(write) }
        }
    }

    private mutating func note(_ write: RegistryWrite) {
        switch write {
        case .audit: break
        case .createUser(let user), .replaceUser(let user):
            users.insert(user.id)
            userNames.insert(user.name)
        case .deleteUser(let id):
            users.insert(id)
            leavingUsers.insert(id)
        case .createNode(let node), .replaceNode(let node): note(node)
        case .updateNodeStatus(let id, _), .deleteNode(let id), .noteNodeEvent(let id, _): nodes.insert(id)
        case .createAuthKey(let key), .replaceAuthKey(let key):
            authKeys.insert(key.id)
            authKeyPrefixes.insert(key.prefix)
            if let user = key.user { users.insert(user) }
        case .consumeAuthKey(let id), .deleteAuthKey(let id): authKeys.insert(id)
        case .createAPIKey(let key), .replaceAPIKey(let key):
            apiKeys.insert(key.id)
            apiKeyPrefixes.insert(key.prefix)
        case .deleteAPIKey(let id): apiKeys.insert(id)
        }
    }

    private mutating func note(_ node: Node) {
        nodes.insert(node.id)
        if let user = node.user { users.insert(user) }
        if let key = node.authKey { authKeys.insert(key) }
        for (column, value) in UniqueValues(of: node).all { nodeValues[column, default: []].insert(value.text) }
    }
}

/// What no two nodes of a tailnet share.
struct UniqueValues {
    /// A value of a unique column; `user` is 0 but for machine keys.
    struct Value: Hashable {
        var text: String
        var user: Int64 = 0
    }

    /// In the order in which they are checked.
    let all: [(column: NodeColumn, value: Value)]

    init(of node: Node) {
        var all: [(column: NodeColumn, value: Value)] = [
            (.stableID, Value(text: node.stableID)),
            (.nodeKey, Value(text: node.nodeKey.text)),
            (.machineKey, Value(text: node.machineKey.text, user: node.user?.rawValue ?? 0)),
        ]
        if let ipv4 = node.ipv4 { all.append((.ipv4, Value(text: ipv4.description))) }
        if let ipv6 = node.ipv6 { all.append((.ipv6, Value(text: ipv6.description))) }
        all.append((.givenName, Value(text: node.givenName)))
        self.all = all
    }
}
