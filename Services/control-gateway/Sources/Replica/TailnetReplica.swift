package import ControlModel
import Foundation
import Keys

/// A gateway's copy of one tailnet, rebuilt at start and kept up by events.
///
/// It holds no truth: the registry, policy, dns and derp services own what is in here. Rows are applied in any order and any
/// number of times; what is not newer than the row held is dropped.
package struct TailnetReplica {
    private(set) var users: [UserID: User] = [:]
    private(set) var nodes: [NodeID: Node] = [:]
    private var nodeIDs: [NodePublicKey: NodeID] = [:]
    /// The last change that was applied without a gap before it.
    private(set) var version: Version = 0
    package var dns = DNSSettings(isMagicDNSEnabled: false, baseDomain: "")
    package var relays = RelayMaps()

    /// What a batch of changes did to the copy.
    package struct Receipt: Equatable {
        /// Nodes that are new, different or gone.
        var nodes: Set<NodeID> = []
        /// Users that are new, different or gone.
        var users: Set<UserID> = []
        /// Set when changes are missing: fetch those after this version, then go on.
        var missingAfter: Version?
    }

    func node(withKey key: NodePublicKey) -> Node? {
        nodeIDs[key].flatMap { nodes[$0] }
    }

    /// Applies changes of the log, oldest first; stops at a gap.
    mutating func apply(_ changes: [RegistryChange]) -> Receipt {
        var receipt = Receipt()
        for change in changes where change.version > version {
            guard change.version == version + 1 else {
                receipt.missingAfter = version
                return receipt
            }
            apply(change.subject, to: &receipt)
            version = change.version
        }
        return receipt
    }

    /// Applies a row that came in an answer, ahead of the log.
    ///
    /// One that the log has passed already is dropped: the row may have been removed since.
    package mutating func apply(ahead node: Node) -> Receipt {
        var receipt = Receipt()
        if node.version > version { upsert(node, &receipt) }
        return receipt
    }

    /// Applies users that came in an answer, ahead of the log, as nodes are.
    mutating func apply(ahead users: [User]) -> Receipt {
        var receipt = Receipt()
        for user in users where user.version > version { upsert(user, &receipt) }
        return receipt
    }

    /// Applies one part of a snapshot; the version counts once all parts are in.
    package mutating func apply(snapshotUsers: [User], nodes: [Node]) -> Receipt {
        var receipt = Receipt()
        for user in snapshotUsers { upsert(user, &receipt) }
        for node in nodes { upsert(node, &receipt) }
        return receipt
    }

    /// Ends a snapshot taken at `version`: what it did not hold is gone.
    mutating func finishSnapshot(
        version: Version,
        users keptUsers: Set<UserID>,
        nodes keptNodes: Set<NodeID>
    ) -> Receipt {
        var receipt = Receipt()
        for (id, node) in nodes where !keptNodes.contains(id) && node.version <= version { remove(id, &receipt) }
        for (id, user) in users where !keptUsers.contains(id) && user.version <= version {
            users[id] = nil
            receipt.users.insert(id)
        }
        self.version = max(self.version, version)
        return receipt
    }

    private mutating func apply(_ subject: RegistryChange.Subject, to receipt: inout Receipt) {
        switch subject {
        case .user(let user): upsert(user, &receipt)
        case .userRemoved(let id):
            if users.removeValue(forKey: id) != nil { receipt.users.insert(id) }
        case .node(let node): upsert(node, &receipt)
        case .nodeRemoved(let id): remove(id, &receipt)
        case .authKey, .apiKey: break
        }
    }

    private mutating func upsert(_ user: User, _ receipt: inout Receipt) {
        if let held = users[user.id], held.version >= user.version { return }
        users[user.id] = user
        receipt.users.insert(user.id)
    }

    private mutating func upsert(_ node: Node, _ receipt: inout Receipt) {
        if let held = nodes[node.id] {
            guard held.version < node.version else { return }
            if held.nodeKey != node.nodeKey { nodeIDs[held.nodeKey] = nil }
        }
        nodes[node.id] = node
        nodeIDs[node.nodeKey] = node.id
        receipt.nodes.insert(node.id)
    }

    private mutating func remove(_ id: NodeID, _ receipt: inout Receipt) {
        guard let held = nodes.removeValue(forKey: id) else { return }
        if nodeIDs[held.nodeKey] == id { nodeIDs[held.nodeKey] = nil }
        receipt.nodes.insert(id)
    }
}
