import ControlModel
import NIOCore
import Zstandard

/// The peers of a class of viewers in id order, encoded and compressed in chunks of neighbours.
///
/// A chunk is made once and shared by all viewers; only a viewer's own chunk is made anew for it, without the viewer. A change
/// spoils one chunk. Chunks split and join as nodes come and go, so their number stays in proportion to the nodes'.
struct ChunkedPeers {
    /// A chunk of this many nodes splits.
    static let longestChunk = 128
    /// A chunk of fewer joins its neighbour.
    static let shortestChunk = 24

    private struct Chunk {
        var ids: [NodeID]
        var piece: EncodedPiece?
    }

    private var chunks: [Chunk] = []
    private(set) var count = 0

    /// What stands between the nodes of two chunks.
    private static let comma = EncodedPiece(text: ByteBuffer(string: ","), frame: ZstdFrame.comma)

    init() {}

    /// - Parameter ids: in ascending order, without repetition.
    init(sorted ids: [NodeID]) {
        count = ids.count
        let length = Self.longestChunk / 2
        chunks = stride(from: 0, to: ids.count, by: length).map { start in
            Chunk(ids: Array(ids[start..<min(start + length, ids.count)]))
        }
    }

    /// All nodes, in order.
    var ids: [NodeID] { chunks.flatMap(\.ids) }

    func contains(_ id: NodeID) -> Bool {
        indexHolding(id) != nil
    }

    /// Adds a node, or spoils the chunk of one that is there.
    mutating func update(_ id: NodeID) {
        guard let index = chunkIndex(of: id) else {
            chunks.append(Chunk(ids: [id]))
            count += 1
            return
        }
        chunks[index].piece = nil
        let position = chunks[index].ids.partitionPoint { $0 < id }
        if position < chunks[index].ids.count, chunks[index].ids[position] == id { return }
        chunks[index].ids.insert(id, at: position)
        count += 1
        if chunks[index].ids.count > Self.longestChunk { split(index) }
    }

    mutating func remove(_ id: NodeID) {
        guard let index = chunkIndex(of: id), let position = chunks[index].ids.firstIndex(of: id) else { return }
        chunks[index].ids.remove(at: position)
        chunks[index].piece = nil
        count -= 1
        if chunks[index].ids.count < Self.shortestChunk { join(index) }
    }

    /// Appends all nodes but `viewer`, separated by commas; `encoded` gives the text of one node.
    mutating func write(
        to writer: inout PieceWriter,
        excluding viewer: NodeID?,
        encoder: PieceEncoder,
        encoded: (NodeID) -> ByteBuffer
    ) {
        let ownIndex = viewer.flatMap { indexHolding($0) }
        var isFirst = true
        for index in chunks.indices {
            if index == ownIndex {
                let others = chunks[index].ids.filter { $0 != viewer }
                guard !others.isEmpty else { continue }
                if !isFirst { writer.append(Self.comma) }
                writer.write { concatenate(others, into: &$0, encoded: encoded) }
            } else {
                if !isFirst { writer.append(Self.comma) }
                writer.append(piece(at: index, encoder: encoder, encoded: encoded))
            }
            isFirst = false
        }
    }

    private mutating func piece(
        at index: Int,
        encoder: PieceEncoder,
        encoded: (NodeID) -> ByteBuffer
    ) -> EncodedPiece {
        if let piece = chunks[index].piece { return piece }
        var text = ByteBuffer()
        concatenate(chunks[index].ids, into: &text, encoded: encoded)
        let piece = encoder.encode(text)
        chunks[index].piece = piece
        return piece
    }

    /// The chunk that holds `id` or would, `nil` while there are none.
    private func chunkIndex(of id: NodeID) -> Int? {
        guard !chunks.isEmpty else { return nil }
        let after = chunks.partitionPoint { ($0.ids.first ?? id) <= id }
        return max(0, after - 1)
    }

    private func indexHolding(_ id: NodeID) -> Int? {
        chunkIndex(of: id).flatMap { chunks[$0].ids.contains(id) ? $0 : nil }
    }

    private mutating func split(_ index: Int) {
        let ids = chunks[index].ids
        let middle = ids.count / 2
        chunks[index] = Chunk(ids: Array(ids[..<middle]))
        chunks.insert(Chunk(ids: Array(ids[middle...])), at: index + 1)
    }

    private mutating func join(_ index: Int) {
        let neighbour = index > 0 ? index - 1 : index + 1
        guard chunks.indices.contains(neighbour) else {
            if chunks[index].ids.isEmpty { chunks.remove(at: index) }
            return
        }
        let (first, second) = (min(index, neighbour), max(index, neighbour))
        chunks[first] = Chunk(ids: chunks[first].ids + chunks[second].ids)
        chunks.remove(at: second)
        if chunks[first].ids.count > Self.longestChunk { split(first) }
    }
}

private func concatenate(_ ids: [NodeID], into text: inout ByteBuffer, encoded: (NodeID) -> ByteBuffer) {
    for (position, id) in ids.enumerated() {
        if position > 0 { text.writeInteger(UInt8(ascii: ",")) }
        text.writeImmutableBuffer(encoded(id))
    }
}

extension Array {
    /// The first index whose element does not fulfil `isBefore`, in an array where all that do come first.
    fileprivate func partitionPoint(_ isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
