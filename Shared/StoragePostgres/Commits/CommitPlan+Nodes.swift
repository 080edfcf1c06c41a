import ControlModel
import IPAddresses
import Storage

extension CommitPlan {
    mutating func create(_ node: Node) throws {
        claim(node.id, \.nextNodeID)
        try requireAuthKey(of: node, unless: nil)
        try require(image.nodes[node.id] == nil, else: .identifier)
        try requireFree(node)
        try requireUser(node.user)
        var node = node
        (node.tailnet, node.version) = (tailnet, nextVersion)
        put(node, over: nil)
        record(
            .node(node),
            .insertNode(node),
            from: nil,
            to: AuditImage(node),
            taken: Set(node.addresses.map(\.address))
        )
    }

    mutating func replace(_ node: Node) throws {
        let old = try current(image.nodes[node.id], version: node.version, of: \.version)
        var node = node
        node.tailnet = tailnet
        try requireAuthKey(of: node, unless: old.authKey)
        try store(node, over: old)
    }

    mutating func update(_ id: NodeID, _ status: NodeStatus) throws {
        guard let node = try image.nodes[id]?.get() else { return }
        try store(status.applied(to: node), over: node)
    }

    mutating func delete(_ id: NodeID) throws {
        guard let node = try image.nodes[id]?.get() else { throw StorageError.conflict(.stale) }
        put(nil, over: node)
        record(
            .nodeRemoved(id),
            .deleteNode(id),
            from: AuditImage(node),
            to: nil,
            released: Set(node.addresses.map(\.address))
        )
    }

    mutating func note(_ fields: [String: String], at id: NodeID) throws {
        guard let old = try image.nodes[id]?.get() else { throw StorageError.conflict(.stale) }
        var node = old
        node.version = nextVersion
        put(node, over: old)
        record(event: fields, at: node)
    }

    private mutating func store(_ node: Node, over old: Node) throws {
        guard node != old else { return }
        try requireFree(node)
        if node.user != old.user { try requireUser(node.user) }
        var node = node
        node.version = nextVersion
        put(node, over: old)
        let (had, has) = (Set(old.addresses.map(\.address)), Set(node.addresses.map(\.address)))
        record(
            .node(node),
            .updateNode(node),
            from: AuditImage(old),
            to: AuditImage(node),
            taken: had == has ? [] : has,
            released: had.subtracting(has)
        )
    }

    /// Puts a node into the image in place of what it was, with all that is looked up by.
    private mutating func put(_ node: Node?, over old: Node?) {
        guard let id = node?.id ?? old?.id else { return }
        image.nodes[id] = node.map { .success($0) }
        if let old {
            for (column, value) in UniqueValues(of: old).all { image.nodeValues[column]?[value] = nil }
            if let user = old.user { image.ownedNodes[user] = (image.ownedNodes[user] ?? 0) - 1 }
        }
        if let node {
            for (column, value) in UniqueValues(of: node).all { image.nodeValues[column]?[value] = id }
            if let user = node.user { image.ownedNodes[user] = (image.ownedNodes[user] ?? 0) + 1 }
        }
    }

    private func requireFree(_ node: Node) throws {
        for (column, value) in UniqueValues(of: node).all {
            let holder = image.nodeValues[column]?[value]
            try require(holder == nil || holder == node.id, else: column.conflict)
        }
    }

    private func requireAuthKey(of node: Node, unless known: AuthKeyID?) throws {
        guard let key = node.authKey, key != known else { return }
        try require(image.authKeys[key] != nil, else: .missingReference)
    }

    func requireUser(_ id: UserID?) throws {
        guard let id else { return }
        try require(image.users[id] != nil, else: .missingReference)
    }
}

extension NodeColumn {
    fileprivate var conflict: StorageError.Conflict {
        switch self {
        case .stableID: .identifier
        case .machineKey: .machineKey
        case .nodeKey: .nodeKey
        case .givenName: .givenName
        case .ipv4, .ipv6: .address
        }
    }
}
