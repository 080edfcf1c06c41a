import ControlModel
import NIOCore

/// What the viewers of a class have been told about others.
struct ToldView {
    var peers = ChunkedPeers()
    /// Forms other than the plain one.
    private var variants: [NodeID: PeerVariant] = [:]
    /// How many of the peers each user has: profiles of these users are told.
    private(set) var nodeCounts: [Int64: Int] = [:]

    /// The form in which a node was told; `nil` for one that is not seen.
    func variant(of id: NodeID) -> PeerVariant? {
        if let variant = variants[id] { return variant }
        return peers.contains(id) ? .plain : nil
    }

    /// Writes all nodes but `viewer`; `text` gives the text of a form.
    mutating func write(
        to writer: inout PieceWriter,
        excluding viewer: NodeID,
        encoder: PieceEncoder,
        text: (NodeID, PeerVariant) -> ByteBuffer
    ) {
        let variants = variants
        peers.write(to: &writer, excluding: viewer, encoder: encoder) { text($0, variants[$0] ?? .plain) }
    }

    /// Adds a node, or spoils the chunk of one that is there; `nil` removes it.
    mutating func set(_ id: NodeID, to variant: PeerVariant?) {
        guard let variant else {
            variants[id] = nil
            return peers.remove(id)
        }
        if variant == .plain { variants[id] = nil } else { variants[id] = variant }
        peers.update(id)
    }

    /// A node more of `user` and one less of `former`; returns whether `user` is new.
    mutating func count(_ user: Int64?, insteadOf former: Int64?) -> Bool {
        guard user != former else { return false }
        if let former {
            let left = (nodeCounts[former] ?? 1) - 1
            nodeCounts[former] = left > 0 ? left : nil
        }
        guard let user else { return false }
        nodeCounts[user, default: 0] += 1
        return nodeCounts[user] == 1
    }
}
