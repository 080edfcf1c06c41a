import ControlModel
import Foundation
import Keys
import NIOCore
import PolicyLanguage
import TailcfgWire

/// The network maps of one tailnet: what clients have been told, and what has changed since.
///
/// Pure: changes go in, payloads come out, time is a parameter. The policy engine says who sees what; between flushes it and
/// everything that was published stay as they are, so that a full map fits to the end of its class's log.
package struct Netmap {
    /// A node with an open map stream.
    struct Viewer {
        var stream: UInt64
        var isCompressed: Bool
        /// The class it reads, and why.
        var viewerClass: Int
        var unit: ViewerUnit?
        /// What the node has been told about itself.
        var own: WireNode
        /// `nil`: what holds without a policy.
        var filter: FilterText?
        var ssh: SSHText?
    }

    package var replica = TailnetReplica()
    /// As of the last flush.
    var toldRelays = RelayMaps()
    /// As of the last flush.
    var engine = PolicyEngine(PolicyDocument(), for: PolicyNetwork(users: [], nodes: []))
    /// Whether there is a policy; without one everybody may reach everything.
    var isPolicyInForce = false
    /// Whether some stream may have been told about SSH.
    var hasHadPolicy = false
    /// What replaces `engine` in the next flush.
    var nextPolicy: CompiledPolicy?
    var published: [NodeID: Published] = [:]
    var viewers: [NodeID: Viewer] = [:]
    var viewerClasses: [Int: ViewerClass] = [:]
    var classNumbers: [ViewerSight?: Int] = [:]
    var lastClassNumber = 0
    /// Classes made for maps that no stream follows.
    var idleClasses: Set<Int> = []
    /// Nodes to look at in the next flush.
    var pending: Set<NodeID> = []
    var pendingUsers: Set<UserID> = []
    var pendingSections: Set<MapSection> = []
    /// Profiles as of the last flush, by user id.
    var profiles: [Int64: WireUserProfile] = [User.taggedDevicesID: .taggedDevices]
    /// When the next node key ends.
    var nextExpiry: Date?
    var sourceTexts = SourceTexts()
    var sshTexts: SSHTexts
    let encoder = PieceEncoder()
    var formats: NodeFormats

    package init(formats: NodeFormats) {
        self.formats = formats
        sshTexts = SSHTexts(encoder: encoder)
    }

    var hasPending: Bool {
        !pending.isEmpty || !pendingUsers.isEmpty || !pendingSections.isEmpty || nextPolicy != nil
    }

    package mutating func take(_ receipt: TailnetReplica.Receipt) {
        pending.formUnion(receipt.nodes)
        pendingUsers.formUnion(receipt.users)
        for id in receipt.nodes {
            guard let expiry = replica.nodes[id]?.expiry else { continue }
            nextExpiry = min(nextExpiry ?? expiry, expiry)
        }
    }

    /// Marks nodes whose key ended by `now`; returns whether there are any.
    mutating func takeExpired(now: Date) -> Bool {
        guard let due = nextExpiry, due <= now else { return false }
        nextExpiry = nil
        for (id, node) in replica.nodes {
            guard let expiry = node.expiry else { continue }
            if expiry > now {
                nextExpiry = min(nextExpiry ?? expiry, expiry)
            } else if published[id]?.form.isExpired == false {
                pending.insert(id)
            }
        }
        return hasPending
    }
}

/// Parts of a map that are the same for all viewers, relays aside while the last one is away.
enum MapSection: CaseIterable {
    case derpMap, dns
}
