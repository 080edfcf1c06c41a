package import NIOCore

/// One message of a map stream, as the pieces it is made of; most of them are shared with other viewers.
///
/// The pieces follow each other on the wire: with zstd each is one or more whole frames, without it they are JSON text.
package struct MapPayload: Sendable {
    private(set) var pieces: [ByteBuffer] = []
    private(set) var length = 0

    mutating func append(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        pieces.append(piece)
        length += piece.readableBytes
    }

    /// The pieces to write, after the length prefix of the stream's framing.
    ///
    /// Long pieces stay shared, so that a thousand slow readers of a full map hold it once; short ones are joined.
    package func framed(allocator: ByteBufferAllocator) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        var joined = allocator.buffer(capacity: min(length + 4, Self.longestJoined * 2))
        joined.writeInteger(UInt32(truncatingIfNeeded: length), endianness: .little)
        for piece in pieces {
            if piece.readableBytes <= Self.longestJoined {
                joined.writeImmutableBuffer(piece)
            } else {
                if joined.readableBytes > 0 { buffers.append(joined) }
                buffers.append(piece)
                joined = ByteBuffer()
            }
        }
        if joined.readableBytes > 0 { buffers.append(joined) }
        return buffers
    }

    /// Pieces up to this many bytes are copied.
    private static let longestJoined = 2048
}
