import Keys
import TailcfgWire

/// What has to be said about a peer whose form changed.
enum PeerDifference: Equatable {
    case none
    case removed
    /// New, or different in a field that no patch can carry.
    case changed
    case patched(WirePeerChange)

    init(from before: WireNode?, to after: WireNode?) {
        switch (before, after) {
        case (nil, nil): self = .none
        case (.some, nil): self = .removed
        case (nil, .some): self = .changed
        case (.some(let before), .some(let after)): self = Self.between(before, after)
        }
    }

    private static func between(_ before: WireNode, _ after: WireNode) -> PeerDifference {
        guard before != after else { return .none }
        var rest = before
        rest.endpoints = after.endpoints
        rest.homeDERP = after.homeDERP
        rest.discoKey = after.discoKey
        rest.isOnline = after.isOnline
        rest.lastSeen = after.lastSeen
        rest.keyExpiry = after.keyExpiry
        rest.capabilityVersion = after.capabilityVersion
        guard rest == after, canPatch(before, after) else { return .changed }
        let patch = patch(before, after)
        return patch.isEmpty ? .none : .patched(patch)
    }

    /// A patch cannot take a value away.
    private static func canPatch(_ before: WireNode, _ after: WireNode) -> Bool {
        (after.homeDERP != 0 || before.homeDERP == 0) && (!after.discoKey.isZero || before.discoKey.isZero)
            && (after.isOnline != nil || before.isOnline == nil)
            && (after.keyExpiry != nil || before.keyExpiry == nil)
    }

    private static func patch(_ before: WireNode, _ after: WireNode) -> WirePeerChange {
        var patch = WirePeerChange(node: after.id)
        if before.endpoints != after.endpoints { patch.endpoints = after.endpoints }
        if before.homeDERP != after.homeDERP { patch.homeDERP = after.homeDERP }
        if before.capabilityVersion != after.capabilityVersion { patch.capabilityVersion = after.capabilityVersion }
        if before.keyExpiry != after.keyExpiry { patch.keyExpiry = after.keyExpiry }
        if before.isOnline != after.isOnline { patch.isOnline = after.isOnline }
        // While a node is online its last-seen time says nothing and is not sent.
        if after.isOnline != true, before.lastSeen != after.lastSeen { patch.lastSeen = after.lastSeen }
        if before.discoKey != after.discoKey {
            patch.discoKey = after.discoKey
            // Clients may drop a new disco key of a peer that they think is offline.
            if after.isOnline == true { patch.isOnline = true }
        }
        return patch
    }
}
