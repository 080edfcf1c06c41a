import ControlModel
import NIOCore

/// The encoded nodes or patches of one tick, in id order.
///
/// A long list is compressed in chunks that its viewers share, so that a tick about n nodes does not cost n lists.
struct DeltaList {
    /// Up to this many entries a list is written as text of its own.
    private static let longestText = 32

    private var texts: [NodeID: ByteBuffer] = [:]
    private var chunks = ChunkedPeers()
    private var order: [NodeID] = []

    var ids: Set<NodeID> { Set(order) }
    var isEmpty: Bool { order.isEmpty }

    mutating func append(_ id: NodeID, _ text: ByteBuffer) {
        texts[id] = text
        order.append(id)
        chunks.update(id)
    }

    func count(without viewer: NodeID?) -> Int {
        guard let viewer, texts[viewer] != nil else { return order.count }
        return order.count - 1
    }

    mutating func write(to writer: inout PieceWriter, excluding viewer: NodeID?, encoder: PieceEncoder) {
        let texts = texts
        guard order.count > Self.longestText else {
            var isFirst = true
            for id in order where id != viewer {
                if !isFirst { writer.write { $0.writeStaticString(",") } }
                if let text = texts[id] { writer.write { $0.writeImmutableBuffer(text) } }
                isFirst = false
            }
            return
        }
        chunks.write(to: &writer, excluding: viewer, encoder: encoder) { texts[$0] ?? ByteBuffer() }
    }
}
