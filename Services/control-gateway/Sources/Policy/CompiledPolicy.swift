import ControlModel
package import PolicyLanguage

/// A policy compiled for the network as it was a moment ago.
package struct CompiledPolicy: Sendable {
    var engine: PolicyEngine
    /// Whether there is a policy at all: without one the engine says who sees whom, and filters let everything in.
    var isPolicy: Bool

    /// - Parameter document: `nil` for no policy.
    package init(_ document: PolicyDocument?, for network: PolicyNetwork) {
        engine = PolicyEngine(document ?? PolicyDocument(), for: network)
        isPolicy = document != nil
    }
}

extension Netmap {
    /// The network as a policy sees it.
    package func policyNetwork(for document: PolicyDocument?) -> PolicyNetwork {
        let asked = document?.askedAttributes ?? []
        return PolicyNetwork(
            users: replica.users.values.map(PolicyUser.init).sorted { $0.id < $1.id },
            nodes: replica.nodes.values.map { PolicyNode($0, asked: asked) }.sorted { $0.id < $1.id }
        )
    }

    /// Puts a policy in force with the next flush; what changed in the network meanwhile is brought up to date then.
    package mutating func set(policy: CompiledPolicy) {
        nextPolicy = policy
    }

    /// Whether the policy engine knows a node as the replica has it: what a full map says about access is right then.
    func isCurrent(_ id: NodeID) -> Bool {
        guard let node = replica.nodes[id] else { return true }
        return nextPolicy == nil && engine.node(id.rawValue) == PolicyNode(node, asked: engine.askedAttributes)
    }

    /// Lets the policy engine know what changed.
    mutating func renewPolicy(_ work: inout FlushWork) {
        let (sources, routes) = (engine.sourceTable, engine.routeTable)
        if let next = takeNextPolicy() {
            (engine, isPolicyInForce) = (next.engine, next.isPolicy)
            hasHadPolicy = hasHadPolicy || next.isPolicy
            sshTexts.forgetAll()
            work.isReplaced = true
            catchUp()
        } else {
            renewUsers(&work.change)
            for id in pending.sorted() { renewNode(id, &work.change) }
        }
        engine.settle()
        work.isRegrouped = work.isReplaced || engine.routeRevision != routes.revision
        work.dirty = Set(work.change.changedNodes.compactMap(NodeID.init))
        guard !work.isReplaced, !work.dirty.isEmpty else { return }
        work.routers = Set(engine.changedRouters(since: routes).compactMap(NodeID.init))
        work.filters = engine.filterRenewal(after: work.change, since: sources)
    }

    /// The policy to put in force: a new one, or the one in force again where it speaks of domains that are others now.
    private mutating func takeNextPolicy() -> CompiledPolicy? {
        let next = nextPolicy
        nextPolicy = nil
        let document = next?.engine.document ?? engine.document
        let known = next?.engine.domains ?? engine.domains
        guard next != nil || !pendingUsers.isEmpty else { return nil }
        let owners = replica.users.values.filter { $0.role == .owner }.map(PolicyUser.init)
        guard Set(owners.compactMap(\.domain)) != known else { return next }
        let isPolicy = next?.isPolicy ?? isPolicyInForce
        return CompiledPolicy(isPolicy ? document : nil, for: policyNetwork(for: document))
    }

    /// Brings an engine that was made from older rows up to date.
    private mutating func catchUp() {
        var change = PolicyChange()
        for user in replica.users.values { change.formUnion(engine.upsert(PolicyUser(user))) }
        for raw in engine.userIDs where UserID(raw).flatMap({ replica.users[$0] }) == nil {
            change.formUnion(engine.removeUser(raw))
        }
        for id in replica.nodes.keys.sorted() { renewNode(id, &change) }
        for raw in engine.nodeIDs where NodeID(raw).flatMap({ replica.nodes[$0] }) == nil {
            change.formUnion(engine.remove(raw))
        }
    }

    private mutating func renewUsers(_ change: inout PolicyChange) {
        for id in pendingUsers.sorted() {
            if let user = replica.users[id] {
                change.formUnion(engine.upsert(PolicyUser(user)))
            } else {
                change.formUnion(engine.removeUser(id.rawValue))
            }
        }
    }

    private mutating func renewNode(_ id: NodeID, _ change: inout PolicyChange) {
        guard let node = replica.nodes[id] else {
            change.formUnion(engine.remove(id.rawValue))
            return
        }
        let seen = PolicyNode(node, asked: engine.askedAttributes)
        if engine.node(id.rawValue) != seen { change.formUnion(engine.upsert(seen)) }
    }
}
