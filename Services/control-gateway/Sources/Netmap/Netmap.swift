package import ControlModel
package import Foundation
import Keys
import NIOCore
import TailcfgWire

/// The network maps of one tailnet: what clients have been told, and what has changed since.
///
/// Pure: changes go in, payloads come out, time is a parameter. With only the allow-all policy there is one class of viewers;
/// everything a class needs is in ``ViewerClass``.
package struct Netmap {
    /// A node as its peers know it since the last flush.
    struct Published {
        var form: WireNode
        /// `form` as JSON, made once and shared by all who see it.
        var text: ByteBuffer
    }

    /// A node with an open map stream.
    struct Viewer {
        var stream: UInt64
        var isCompressed: Bool
        /// What the node has been told about itself.
        var own: WireNode
    }

    package var replica = TailnetReplica()
    var viewerClass = ViewerClass()
    var published: [NodeID: Published] = [:]
    var viewers: [NodeID: Viewer] = [:]
    /// Nodes to look at in the next flush.
    var pending: Set<NodeID> = []
    var pendingSections: Set<MapSection> = []
    /// Profiles that viewers have, by user id.
    var profiles: [Int64: WireUserProfile] = [:]
    /// Published nodes of each user id.
    var nodeCounts: [Int64: Int] = [:]
    /// When the next node key ends.
    var nextExpiry: Date?
    let encoder = PieceEncoder()
    let formats: NodeFormats

    package init(formats: NodeFormats) {
        self.formats = formats
    }

    /// Gives a node a stream, in place of the one it had.
    package mutating func addViewer(_ node: Node, stream: UInt64, isCompressed: Bool, now: Date) {
        viewers[node.id] = Viewer(
            stream: stream,
            isCompressed: isCompressed,
            own: formats.own(node, in: replica, now: now)
        )
    }

    var hasPending: Bool { !pending.isEmpty || !pendingSections.isEmpty }

    package mutating func take(_ receipt: TailnetReplica.Receipt) {
        pending.formUnion(receipt.nodes)
        if receipt.usersChanged { pendingSections.insert(.userProfiles) }
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

/// Parts of a map that are the same for all viewers of a class.
enum MapSection: CaseIterable {
    case derpMap, dns, packetFilters, userProfiles
}

/// Viewers that the policy treats alike: they share a log, chunks of peers and the common sections.
struct ViewerClass {
    let log = ClassLog()
    var peers = ChunkedPeers()
    /// The sections of a full map, made when first needed after a change.
    var sections: EncodedPiece?
}
