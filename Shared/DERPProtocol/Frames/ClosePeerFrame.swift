public import Keys
public import NIOCore

/// A relay of the same region asks to disconnect a client.
///
/// - Wire: key (32 bytes).
public struct ClosePeerFrame: DERPFrameBody {
    public static let type = DERPFrameType.closePeer

    public var peer: NodePublicKey

    public init(peer: NodePublicKey) {
        self.peer = peer
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey(), body.readableBytes == 0 else { throw .malformed(Self.type) }
        peer = NodePublicKey(key)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(peer.bytes)
    }
}
