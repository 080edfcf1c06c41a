import DERPProtocol
import Keys
import NIOCore

/// Whole frames for one client, written in one piece.
struct PacketBatch: Sendable {
    private(set) var bytes: ByteBuffer
    /// Frames in `bytes`.
    private(set) var count: Int

    init(_ packets: DERPPackets, from source: NodePublicKey) {
        bytes = ByteBuffer()
        count = 0
        append(packets, from: source)
    }

    /// One frame.
    init(frame: ByteBuffer) {
        bytes = frame
        count = 1
    }

    mutating func append(_ packets: DERPPackets, from source: NodePublicKey) {
        packets.encode(from: source, into: &bytes)
        count += packets.count
    }

    /// Removes the oldest frame; returns whether one is left.
    mutating func dropFirst() -> Bool {
        guard count > 1, let length = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt32.self) else { return false }
        let frameLength = DERPFrame.headerLength + Int(length)
        guard frameLength < bytes.readableBytes else { return false }
        bytes.moveReaderIndex(forwardBy: frameLength)
        count -= 1
        return true
    }
}
