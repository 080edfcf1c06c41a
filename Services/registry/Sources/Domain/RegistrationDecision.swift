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

    /// The node that has the request's node key.
    var holder: Node?
    /// All nodes of the asking device.
    var device: [Node]
    var authKey: AuthKeyCheck
    /// Somebody let the device in.
    var approval: LoginApproval?
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
                    expiry: expiry(isTagged: !key.tags.isEmpty),
                    method: .authKey,
                    authKey: key.id,
                    consumes: consumes
                )
            )
        }
        (node.user, node.tags) = key.tags.isEmpty ? (key.user, []) : (nil, key.tags)
        node.nodeKey = request.nodeKey
        node.registerMethod = .authKey
        node.authKey = key.id
        node.isEphemeral = key.isEphemeral || request.isEphemeral
        node.expiry = expiry(isTagged: node.isTagged)
        return .update(described(node), consuming: consumes ? key.id : nil)
    }

    private func fault(of key: AuthKey) -> String? {
        guard key.user != nil || !key.tags.isEmpty else { return "invalid authkey" }
        if key.expiry <= facts.now { return "authkey expired" }
        if key.isUsed, !key.isReusable, !isRepeated(key) { return "authkey already used" }
        let asked = Set(request.hostinfo.requestTags)
        return asked.isEmpty || asked == Set(key.tags) ? nil : Self.refusal(of: asked)
    }

    private static func refusal(of tags: Set<String>) -> String {
        "requested tags [\(tags.sorted().joined(separator: " "))] are invalid or not permitted"
    }

    /// Nobody owns tags by logging in yet: who asks for some is told at once, not after somebody has approved.
    private func login() -> RegistrationDecision {
        let asked = Set(request.hostinfo.requestTags)
        return asked.isEmpty ? .loginRequired : .refuse(Self.refusal(of: asked))
    }

    /// The device's node of the user, or the tagged one that gives up the old key, keeps id, addresses and name.
    private func approved(_ approval: LoginApproval) -> RegistrationDecision {
        let kept =
            facts.device.first { $0.user == approval.user }
            ?? facts.device.first {
                $0.isTagged && ($0.nodeKey == request.oldNodeKey || $0.nodeKey == request.nodeKey)
            }
        if let holder = facts.holder, holder.id != kept?.id { return .keyExpired(holder) }
        let end = approval.expiry.map { min($0, request.expiry ?? .distantFuture) } ?? expiry(isTagged: false)
        guard var node = kept else {
            return .create(
                .init(
                    user: approval.user,
                    tags: [],
                    isEphemeral: request.isEphemeral,
                    expiry: end,
                    method: approval.method,
                    authKey: nil,
                    consumes: false
                )
            )
        }
        (node.user, node.tags) = (approval.user, [])
        node.nodeKey = request.nodeKey
        node.registerMethod = approval.method
        node.authKey = nil
        node.isEphemeral = request.isEphemeral
        node.expiry = end
        return .update(described(node), consuming: nil)
    }

    /// Whether this very device used the key up and may not have heard of it: its node was never connected since.
    private func isRepeated(_ key: AuthKey) -> Bool {
        guard let node = nodeToKeep(key) else { return false }
        return node.authKey == key.id && node.lastSeen == nil && !node.isExpired(at: facts.now)
    }

    /// The device's node of the key's owner, or the one that gives up the old key for tags: it keeps id, addresses and name.
    private func nodeToKeep(_ key: AuthKey) -> Node? {
        let owner = key.tags.isEmpty ? key.user : nil
        if let node = facts.device.first(where: { $0.user == owner }) { return node }
        guard !key.tags.isEmpty else { return nil }
        return facts.device.first { $0.nodeKey == request.oldNodeKey || $0.nodeKey == request.nodeKey }
    }

    /// The node of a client that starts again: what it says of itself is taken over, its key may only end sooner.
    private func refreshed(_ node: Node) -> Node {
        var node = node
        if let asked = request.expiry { node.expiry = min(asked, node.expiry ?? .distantFuture) }
        return described(node)
    }

    private func described(_ node: Node) -> Node {
        var node = node
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
