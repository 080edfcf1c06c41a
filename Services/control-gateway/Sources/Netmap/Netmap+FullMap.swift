package import ControlModel
package import Foundation
import NIOCore
import TailcfgWire

extension Netmap {
    /// A whole map for one node: its own small frames around shared ones.
    ///
    /// Peers are as of the last flush, matching the log's end; the node itself is as of now.
    package mutating func fullMap(for node: Node, isCompressed: Bool, withPeers: Bool = true, now: Date) -> MapPayload {
        let own = formats.own(node, in: replica, now: now)
        let sections = sharedSections()
        var writer = PieceWriter(encoder: encoder, isCompressed: isCompressed)
        writer.write { MapText.beginFull(own: own, now: now, into: &$0) }
        writer.append(sections)
        let others = viewerClass.peers.count - (viewerClass.peers.contains(node.id) ? 1 : 0)
        // Clients ignore an empty list or take it as "forget all": with no peers the key is left out.
        if withPeers, others > 0 {
            writer.write { $0.writeStaticString(",\"Peers\":[") }
            let published = published
            viewerClass.peers.write(to: &writer, excluding: node.id, encoder: encoder) {
                published[$0]?.text ?? ByteBuffer()
            }
            writer.write { $0.writeStaticString("]") }
        }
        writer.write { $0.writeStaticString("}") }
        return writer.finish()
    }

    /// Whether a full map on an open stream can say all: without peers it cannot take back the ones sent before.
    func hasPeers(besides id: NodeID) -> Bool {
        viewerClass.peers.count > (viewerClass.peers.contains(id) ? 1 : 0)
    }

    private mutating func sharedSections() -> EncodedPiece {
        if let sections = viewerClass.sections { return sections }
        var text = ByteBuffer()
        MapText.sections(
            of: replica,
            formats: formats,
            profiles: profiles.values.sorted { $0.id < $1.id },
            into: &text
        )
        let piece = encoder.encode(text)
        viewerClass.sections = piece
        return piece
    }
}
