import Bus
import ControlModel
import Foundation
import Keys

/// What the registry knows when a client asks to be registered.
struct RegistrationFacts: Sendable {
    /// What became of the auth key in the request.
    enum AuthKeyCheck: Sendable {
        case notGiven
        /// Malformed, unknown or with the wrong secret.
        case invalid
        case known(AuthKey)
    }

    /// What the policy says of the tags that the device asks for.
    enum TagCheck: Sendable {
        /// None are asked for, the policy knows them, or whoever approved owns them.
        case passed
        case refused(Set<String>)
    }

    /// The node that has the request's node key.
    var holder: Node?
    /// All nodes of the asking device.
    var device: [Node]
    var authKey: AuthKeyCheck
    /// Somebody let the device in.
    var approval: LoginApproval?
    var tags = TagCheck.passed
    /// Whether a device that is let in now needs no approval.
    var isApproved = true
    var now: Date
    /// How long node keys of users last; `nil` for ever.
    var keyLifetime: Duration?
}

/// As whose a person lets a device in.
struct LoginApproval: Equatable, Sendable {
    var user: UserID
    var method: RegisterMethod
    /// When the node key ends; `nil` leaves it to the configuration.
    var expiry: Date?
}

/// What to do about a registration.
///
/// - Source: anchors of the lifecycle (headscale `/machine/register`) and of what clients expect (Go `controlclient`).
enum RegistrationDecision: Equatable, Sendable {
    /// Replace `node`, which is one of the facts with other fields, and use up the key.
    case update(Node, consuming: AuthKeyID?)
    case create(NewNode)
    /// The key has ended; nothing is written.
    case keyExpired(Node)
    /// Write it if it differs.
    case logOut(Node)
    case remove(NodeID)
    case nothingToLogOut
    case loginRequired
    case refuse(String)

    /// A node to be: all but what is allocated.
    struct NewNode: Equatable, Sendable {
        var user: UserID?
        var tags: [String]
        var isEphemeral: Bool
        var isApproved: Bool
        var expiry: Date?
        var method: RegisterMethod
        var authKey: AuthKeyID?
        /// Whether the key is used up.
        var consumes: Bool
    }

    init(_ request: RegisterNode, facts: RegistrationFacts) {
        self = Registration(request: request, facts: facts).decide()
    }
}

private struct Registration {
    let request: RegisterNode
    let facts: RegistrationFacts

    func decide() -> RegistrationDecision {
        guard request.capabilityVersion >= .minimum else {
            return .refuse("this client is too old: Tailscale 1.80 or later is needed")
        }
        guard !request.nodeKey.isZero, !request.machineKey.isZero else { return .refuse("the node key is missing") }
        if let holder = facts.holder, holder.machineKey != request.machineKey {
            return .refuse("the node key belongs to another machine")
        }
        if let expiry = request.expiry, expiry <= facts.now { return logOut() }
        if let holder = facts.holder {
            if !holder.isExpired(at: facts.now) { return .update(refreshed(holder), consuming: nil) }
            if case .notGiven = facts.authKey, facts.approval == nil { return .keyExpired(holder) }
        }
        if let approval = facts.approval { return approved(approval) }
        return withAuthKey()
    }

    private func logOut() -> RegistrationDecision {
        guard var node = facts.holder else { return .nothingToLogOut }
        guard !node.isEphemeral else { return .remove(node.id) }
        if !node.isExpired(at: facts.now) { node.expiry = facts.now }
        return .logOut(node)
    }

    private func withAuthKey() -> RegistrationDecision {
        let key: AuthKey
        switch facts.authKey {
        case .notGiven: return login()
        case .invalid: return .refuse("invalid authkey")
        case .known(let known): key = known
        }
        if let fault = fault(of: key) { return .refuse(fault) }
        let consumes = !key.isReusable && !key.isUsed
        let kept = nodeToKeep(key)
        // The key of an expired node cannot move to another one: the client makes a new key and asks again.
        if let holder = facts.holder, holder.id != kept?.id { return .keyExpired(holder) }
        guard var node = kept else {
            return .create(
                .init(
                    user: key.tags.isEmpty ? key.user : nil,
                    tags: key.tags,
                    isEphemeral: key.isEphemeral || request.isEphemeral,
                    isApproved: facts.isApproved,
                    expiry: expiry(isTagged: !key.tags.isEmpty),
                    method: .authKey,
                    authKey: key.id,
                    consumes: consumes
                )
            )
        }
        // Tags that an administrator gave a node after this key let it in are not the key's to take away.
        let keepsTags = node.isTagged && node.authKey == key.id
        if !keepsTags { (node.user, node.tags) = key.tags.isEmpty ? (key.user, []) : (nil, key.tags) }
        node.nodeKey = request.nodeKey
        node.registerMethod = .authKey
        node.authKey = key.id
        node.isEphemeral = key.isEphemeral || request.isEphemeral
        node.expiry = expiry(isTagged: node.isTagged)
        return .update(letIn(node), consuming: consumes ? key.id : nil)
    }

    private func fault(of key: AuthKey) -> String? {
        guard key.user != nil || !key.tags.isEmpty else { return "invalid authkey" }
        if key.expiry <= facts.now { return "authkey expired" }
        if key.isUsed, !key.isReusable, !isRepeated(key) { return "authkey already used" }
        let asked = Set(request.hostinfo.requestTags)
        return asked.isEmpty || asked == Set(key.tags) ? nil : TagRules.refusal(of: asked)
    }

    /// Who asks for tags that the policy does not know is told at once, not after somebody has approved.
    private func login() -> RegistrationDecision {
        if case .refused(let tags) = facts.tags { return .refuse(TagRules.refusal(of: tags)) }
        return .loginRequired
    }

    /// What the device asks to be is what it becomes: a node with its tags, or without any one of the user.
    private func approved(_ approval: LoginApproval) -> RegistrationDecision {
        if case .refused(let tags) = facts.tags { return .refuse(TagRules.refusal(of: tags)) }
        let tags = Set(request.hostinfo.requestTags).sorted()
        let kept = nodeToKeep(approval.user, tags: tags)
        if let holder = facts.holder, holder.id != kept?.id { return .keyExpired(holder) }
        let owner = tags.isEmpty ? approval.user : nil
        let ours = tags.isEmpty ? approval.expiry : nil
        let end = ours.map { min($0, request.expiry ?? .distantFuture) } ?? expiry(isTagged: !tags.isEmpty)
        guard var node = kept else {
            return .create(
                .init(
                    user: owner,
                    tags: tags,
                    isEphemeral: request.isEphemeral,
                    isApproved: facts.isApproved,
                    expiry: end,
                    method: approval.method,
                    authKey: nil,
                    consumes: false
                )
            )
        }
        (node.user, node.tags) = (owner, tags)
        node.nodeKey = request.nodeKey
        node.registerMethod = approval.method
        node.authKey = nil
        node.isEphemeral = request.isEphemeral
        node.expiry = end
        return .update(letIn(node), consuming: nil)
    }

    /// The device's node that keeps id, addresses and name when a user logs in.
    ///
    /// A device has one tagged node at most, and one of each user.
    private func nodeToKeep(_ user: UserID, tags: [String]) -> Node? {
        let usersOwn = facts.device.first { $0.user == user }
        guard tags.isEmpty else { return taggedNode ?? usersOwn }
        return usersOwn ?? taggedNode.flatMap { isRenewed($0) ? $0 : nil }
    }

    private var taggedNode: Node? { facts.device.first(where: \.isTagged) }

    /// Whether the request replaces, or already holds, a node's key.
    private func isRenewed(_ node: Node) -> Bool {
        node.nodeKey == request.oldNodeKey || node.nodeKey == request.nodeKey
    }

    /// Whether this very device used the key up and may not have heard of it: its node was never connected since.
    private func isRepeated(_ key: AuthKey) -> Bool {
        guard let node = nodeToKeep(key) else { return false }
        return node.authKey == key.id && node.lastSeen == nil && !node.isExpired(at: facts.now)
    }

    /// The device's node that keeps id, addresses and name when a key lets the device in.
    ///
    /// For a user's key their node, or the one that this key let in and an administrator tagged since; for a tagged key the tagged
    /// node, or the one that gives up its key for the tags.
    private func nodeToKeep(_ key: AuthKey) -> Node? {
        guard key.tags.isEmpty else { return taggedNode ?? facts.device.first(where: isRenewed) }
        return facts.device.first { $0.user == key.user }
            ?? taggedNode.flatMap { $0.authKey == key.id && isRenewed($0) ? $0 : nil }
    }

    /// The node of a client that starts again: what it says of itself is taken over, its key may only end sooner.
    private func refreshed(_ node: Node) -> Node {
        var node = node
        if let asked = request.expiry { node.expiry = min(asked, node.expiry ?? .distantFuture) }
        return described(node)
    }

    /// A node that somebody lets in anew: its approval and its attributes are not lost by that, unless it becomes somebody else's or
    /// gets other tags.
    private func letIn(_ node: Node) -> Node {
        let former = facts.device.first { $0.id == node.id }
        let isSame = former?.user == node.user && former?.tags == node.tags
        var node = described(node)
        node.isApproved = facts.isApproved || (node.isApproved && isSame)
        if !isSame { node.attributes = [] }
        return node
    }

    private func described(_ node: Node) -> Node {
        var node = node
        // An ephemeral node that comes back must not be removed before it connects.
        if node.isEphemeral, node.lastSeen != nil, !node.isOnline { node.lastSeen = facts.now }
        node.describe(request.hostinfo, at: facts.now)
        node.capabilityVersion = request.capabilityVersion
        if !request.hostinfo.hostname.isEmpty { node.hostname = request.hostinfo.hostname }
        return node
    }

    private func expiry(isTagged: Bool) -> Date? {
        let lifetime = isTagged ? nil : facts.keyLifetime
        let ours = lifetime.map { facts.now.addingTimeInterval($0 / .seconds(1)) }
        guard let asked = request.expiry else { return ours }
        return min(asked, ours ?? .distantFuture)
    }
}
