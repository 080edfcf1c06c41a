import ControlModel

/// A row as it is to be stored, or to be gone.
enum RowWrite {
    case insertUser(User)
    case updateUser(User)
    case deleteUser(UserID)
    case insertNode(Node)
    case updateNode(Node)
    case deleteNode(NodeID)
    case insertAuthKey(AuthKey)
    case updateAuthKey(AuthKey)
    case deleteAuthKey(AuthKeyID)
    case insertAPIKey(APIKey)
    case updateAPIKey(APIKey)
    case deleteAPIKey(APIKeyID)

    func statement(_ tailnet: TailnetID) throws -> Statement {
        switch self {
        case .insertUser(let user): UserTable(tailnet: tailnet).insert(user)
        case .updateUser(let user): UserTable(tailnet: tailnet).update(user)
        case .deleteUser(let id): UserTable(tailnet: tailnet).delete(id)
        case .insertNode(let node): try NodeTable(tailnet: tailnet).insert(node)
        case .updateNode(let node): try NodeTable(tailnet: tailnet).update(node)
        case .deleteNode(let id): NodeTable(tailnet: tailnet).delete(id)
        case .insertAuthKey(let key): try AuthKeyTable(tailnet: tailnet).insert(key)
        case .updateAuthKey(let key): try AuthKeyTable(tailnet: tailnet).update(key)
        case .deleteAuthKey(let id): AuthKeyTable(tailnet: tailnet).delete(id)
        case .insertAPIKey(let key): APIKeyTable(tailnet: tailnet).insert(key)
        case .updateAPIKey(let key): APIKeyTable(tailnet: tailnet).update(key)
        case .deleteAPIKey(let id): APIKeyTable(tailnet: tailnet).delete(id)
        }
    }
}
