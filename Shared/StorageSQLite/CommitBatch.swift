import ControlModel
import IPAddresses
import Storage

/// Applies one batch of writes inside a savepoint; the caller rolls back when it throws.
struct CommitBatch {
    private let connection: SQLConnection
    private let tailnet: TailnetID
    private var state: TailnetState
    private var changes: [RegistryChange] = []
    /// Of the changes from here on; `nil`: they are not in the audit log.
    private var cause: AuditCause?

    private var users: UserTable { UserTable(connection: connection, tailnet: tailnet) }
    private var nodes: NodeTable { NodeTable(connection: connection, tailnet: tailnet) }
    private var authKeys: AuthKeyTable { AuthKeyTable(connection: connection, tailnet: tailnet) }
    private var apiKeys: APIKeyTable { APIKeyTable(connection: connection, tailnet: tailnet) }
    private var log: ChangeTable { ChangeTable(connection: connection, tailnet: tailnet) }
    private var audit: AuditTable { AuditTable(connection: connection, tailnet: tailnet) }
    private var released: ReleasedAddressTable { ReleasedAddressTable(connection: connection, tailnet: tailnet) }

    private init(connection: SQLConnection, tailnet: TailnetID) throws {
        self.connection = connection
        self.tailnet = tailnet
        state = try TailnetTable(connection: connection, tailnet: tailnet).read()
    }

    static func commit(
        _ writes: [RegistryWrite],
        tailnet: TailnetID,
        in connection: SQLConnection
    ) throws -> [RegistryChange] {
        var batch = try CommitBatch(connection: connection, tailnet: tailnet)
        let before = batch.state
        for write in writes { try batch.apply(write) }
        if batch.state != before {
            try TailnetTable(connection: connection, tailnet: tailnet).write(batch.state)
        }
        return batch.changes
    }

    private mutating func apply(_ write: RegistryWrite) throws {
        switch write {
        case .audit(let cause): self.cause = cause
        case .createUser(let user): try create(user)
        case .replaceUser(let user): try replace(user)
        case .deleteUser(let id): try delete(id)
        case .createNode(let node): try create(node)
        case .replaceNode(let node): try replace(node)
        case .updateNodeStatus(let id, let status):
            if let node = try nodes.find(id) { try store(status.applied(to: node), over: node) }
        case .deleteNode(let id): try delete(id)
        case .noteNodeEvent(let id, let fields): try note(fields, at: id)
        case .createAuthKey(let key): try create(key)
        case .replaceAuthKey(let key): try replace(key)
        case .consumeAuthKey(let id): try consume(id)
        case .deleteAuthKey(let id): try delete(id)
        case .createAPIKey(let key): try create(key)
        case .replaceAPIKey(let key): try replace(key)
        case .deleteAPIKey(let id): try delete(id)
        }
    }

    /// The version of the next change, which is logged by `record`.
    private var nextVersion: Version { state.version + 1 }

    /// - Parameters:
    ///   - old: the row as it was; `nil` when it is new.
    ///   - new: the row as it is; `nil` when it is gone.
    private mutating func record(
        _ subject: RegistryChange.Subject,
        from old: @autoclosure () -> AuditImage?,
        to new: @autoclosure () -> AuditImage?
    ) throws {
        state.version += 1
        let change = RegistryChange(version: state.version, subject: subject)
        try log.insert(change)
        changes.append(change)
        guard let cause, let record = AuditRecord(from: old(), to: new(), version: state.version, cause: cause) else {
            return
        }
        try audit.insert(record)
    }

    /// The lowest id never used once `id` is; callers that commit at once may come with theirs in any order.
    private func claim<Entity>(_ id: Identifier<Entity>, next: Int64) -> Int64 {
        max(next, id.rawValue + 1)
    }

    private func current<Row>(_ row: Row?, version: Version, of path: KeyPath<Row, Version>) throws -> Row {
        guard let row, row[keyPath: path] == version else { throw StorageError.conflict(.stale) }
        return row
    }
}

extension CommitBatch {
    private mutating func create(_ user: User) throws {
        state.nextUserID = claim(user.id, next: state.nextUserID)
        var user = user
        (user.tailnet, user.version) = (tailnet, nextVersion)
        try users.insert(user)
        try record(.user(user), from: nil, to: AuditImage(user))
    }

    private mutating func replace(_ user: User) throws {
        let old = try current(users.find(user.id), version: user.version, of: \.version)
        var user = user
        user.tailnet = tailnet
        guard user != old else { return }
        user.version = nextVersion
        try users.update(user)
        try record(.user(user), from: AuditImage(old), to: AuditImage(user))
    }

    private mutating func delete(_ id: UserID) throws {
        guard let user = try users.find(id) else { throw StorageError.conflict(.stale) }
        guard try !users.ownsNodes(id) else { throw StorageError.conflict(.userHasNodes) }
        for key in try authKeys.find(user: id) { try delete(key.id) }
        try users.delete(id)
        try record(.userRemoved(id), from: AuditImage(user), to: nil)
    }
}

extension CommitBatch {
    private mutating func create(_ node: Node) throws {
        state.nextNodeID = claim(node.id, next: state.nextNodeID)
        try requireAuthKey(of: node, unless: nil)
        var node = node
        (node.tailnet, node.version) = (tailnet, nextVersion)
        try nodes.insert(node)
        try released.remove(Set(node.addresses.map(\.address)))
        try record(.node(node), from: nil, to: AuditImage(node))
    }

    private mutating func replace(_ node: Node) throws {
        let old = try current(nodes.find(node.id), version: node.version, of: \.version)
        var node = node
        node.tailnet = tailnet
        try requireAuthKey(of: node, unless: old.authKey)
        try store(node, over: old)
    }

    private mutating func store(_ node: Node, over old: Node) throws {
        guard node != old else { return }
        var node = node
        node.version = nextVersion
        try nodes.update(node)
        let (had, has) = (Set(old.addresses.map(\.address)), Set(node.addresses.map(\.address)))
        if had != has {
            try released.insert(had.subtracting(has))
            try released.remove(has)
        }
        try record(.node(node), from: AuditImage(old), to: AuditImage(node))
    }

    private mutating func delete(_ id: NodeID) throws {
        guard let node = try nodes.find(id) else { throw StorageError.conflict(.stale) }
        try nodes.delete(id)
        try released.insert(Set(node.addresses.map(\.address)))
        try record(.nodeRemoved(id), from: AuditImage(node), to: nil)
    }

    private mutating func note(_ fields: [String: String], at id: NodeID) throws {
        guard var node = try nodes.find(id) else { throw StorageError.conflict(.stale) }
        node.version = nextVersion
        try nodes.update(node)
        try record(.node(node), from: nil, to: nil)
        guard let cause else { return }
        try audit.insert(AuditRecord(event: fields, at: node, version: state.version, cause: cause))
    }

    private func requireAuthKey(of node: Node, unless known: AuthKeyID?) throws {
        guard let key = node.authKey, key != known else { return }
        guard try authKeys.find(key) != nil else { throw StorageError.conflict(.missingReference) }
    }
}

extension CommitBatch {
    private mutating func create(_ key: AuthKey) throws {
        state.nextAuthKeyID = claim(key.id, next: state.nextAuthKeyID)
        var key = key
        (key.tailnet, key.version) = (tailnet, nextVersion)
        try authKeys.insert(key)
        try record(.authKey(key.id), from: nil, to: AuditImage(key))
    }

    private mutating func replace(_ key: AuthKey) throws {
        try store(key, over: try current(authKeys.find(key.id), version: key.version, of: \.version))
    }

    private mutating func consume(_ id: AuthKeyID) throws {
        guard let key = try authKeys.find(id) else { throw StorageError.conflict(.stale) }
        guard !key.isReusable else { return }
        guard !key.isUsed else { throw StorageError.conflict(.authKeyUsed) }
        var used = key
        used.isUsed = true
        try store(used, over: key)
    }

    private mutating func store(_ key: AuthKey, over old: AuthKey) throws {
        var key = key
        key.tailnet = tailnet
        guard key != old else { return }
        key.version = nextVersion
        try authKeys.update(key)
        try record(.authKey(key.id), from: AuditImage(old), to: AuditImage(key))
    }

    private mutating func delete(_ id: AuthKeyID) throws {
        guard let key = try authKeys.find(id) else { throw StorageError.conflict(.stale) }
        try authKeys.delete(id)
        try record(.authKey(id), from: AuditImage(key), to: nil)
    }

    private mutating func create(_ key: APIKey) throws {
        state.nextAPIKeyID = claim(key.id, next: state.nextAPIKeyID)
        var key = key
        (key.tailnet, key.version) = (tailnet, nextVersion)
        try apiKeys.insert(key)
        try record(.apiKey(key.id), from: nil, to: AuditImage(key))
    }

    private mutating func replace(_ key: APIKey) throws {
        let old = try current(apiKeys.find(key.id), version: key.version, of: \.version)
        var key = key
        key.tailnet = tailnet
        guard key != old else { return }
        key.version = nextVersion
        try apiKeys.update(key)
        try record(.apiKey(key.id), from: AuditImage(old), to: AuditImage(key))
    }

    private mutating func delete(_ id: APIKeyID) throws {
        guard let key = try apiKeys.find(id) else { throw StorageError.conflict(.stale) }
        try apiKeys.delete(id)
        try record(.apiKey(id), from: AuditImage(key), to: nil)
    }
}
