import ControlModel
import PolicyLanguage

/// Users and nodes of a tailnet, kept up by events and repaired by questions.
///
/// Rows come in any order and any number of times; what is not newer than the row held is dropped.
struct TailnetCopy {
    private(set) var users: [UserID: User] = [:]
    private(set) var nodes: [NodeID: Node] = [:]
    /// The last change that was applied without a gap before it.
    private(set) var version: Version = 0
    /// Whether a first snapshot is complete.
    private(set) var isComplete = false
    /// Nodes that announce routes which are not approved.
    private(set) var unapproved: Set<NodeID> = []
    /// Whether the policy may approve other routes than when somebody asked.
    private var hasApprovalNews = false

    /// Rows that changed since somebody asked.
    struct Touched {
        var users: Set<UserID> = []
        var nodes: Set<NodeID> = []
    }

    private(set) var touched = Touched()

    /// What changed since the last call.
    mutating func takeTouched() -> Touched {
        defer { touched = Touched() }
        return touched
    }

    /// Whether the policy may approve other routes than at the last call.
    mutating func takeApprovalNews() -> Bool {
        defer { hasApprovalNews = false }
        return hasApprovalNews && !unapproved.isEmpty
    }

    /// Applies changes of the log, oldest first.
    ///
    /// - Returns: whether some are missing before one of these; the rest is not applied then.
    mutating func apply(_ changes: [RegistryChange]) -> Bool {
        for change in changes where change.version > version {
            guard change.version == version + 1 else { return true }
            switch change.subject {
            case .user(let user): upsert(user)
            case .userRemoved(let id): remove(id)
            case .node(let node): upsert(node)
            case .nodeRemoved(let id): remove(id)
            case .authKey, .apiKey: break
            }
            version = change.version
        }
        return false
    }

    /// Takes the place of everything, as it was at `version` or later.
    mutating func replace(users: [User], nodes: [Node], version: Version) {
        let (userIDs, nodeIDs) = (Set(users.map(\.id)), Set(nodes.map(\.id)))
        for (id, user) in self.users where !userIDs.contains(id) && user.version <= version {
            remove(id)
        }
        for (id, node) in self.nodes where !nodeIDs.contains(id) && node.version <= version {
            remove(id)
        }
        for user in users { upsert(user) }
        for node in nodes { upsert(node) }
        self.version = max(self.version, version)
        isComplete = true
    }

    private mutating func upsert(_ user: User) {
        if let held = users[user.id], held.version >= user.version { return }
        users[user.id] = user
        touched.users.insert(user.id)
        hasApprovalNews = true
    }

    private mutating func upsert(_ node: Node) {
        if let held = nodes[node.id], held.version >= node.version { return }
        nodes[node.id] = node
        touched.nodes.insert(node.id)
        if node.announcedRoutes.count == node.servedRoutes.count {
            unapproved.remove(node.id)
        } else {
            unapproved.insert(node.id)
            hasApprovalNews = true
        }
    }

    private mutating func remove(_ id: UserID) {
        if users.removeValue(forKey: id) != nil { touched.users.insert(id) }
    }

    private mutating func remove(_ id: NodeID) {
        if nodes.removeValue(forKey: id) != nil { touched.nodes.insert(id) }
        unapproved.remove(id)
    }

    /// E-mail domains that belong to the tailnet: those of its owners.
    var domains: Set<String> {
        Set(users.values.filter { $0.role == .owner }.compactMap { PolicyUser($0).domain })
    }

    /// The whole as policies see it.
    var network: PolicyNetwork {
        PolicyNetwork(
            users: users.values.sorted { $0.id < $1.id }.map(PolicyUser.init),
            nodes: nodes.values.filter(\.isApproved).sorted { $0.id < $1.id }.map(PolicyNode.init)
        )
    }
}
