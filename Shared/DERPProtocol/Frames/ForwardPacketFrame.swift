public import Keys
public import NIOCore

/// A packet that a relay of the same region hands on.
///
/// - Wire: source key (32 bytes) · destination key (32 bytes) · packet, up to 64 KiB.
public struct ForwardPacketFrame: DERPFrameBody {
    public static let type = DERPFrameType.forwardPacket

    public var source: NodePublicKey
    public var destination: NodePublicKey
    public var packet: ByteBuffer

    public init(source: NodePublicKey, destination: NodePublicKey, packet: ByteBuffer) {
        self.source = source
        self.destination = destination
        self.packet = packet
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let source = body.readKey(), let destination = body.readKey(),
            body.readableBytes <= DERPLengths.packetLimit
        else { throw .malformed(Self.type) }
        self.source = NodePublicKey(source)
        self.destination = NodePublicKey(destination)
        packet = body
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(source.bytes)
        buffer.writeKey(destination.bytes)
        buffer.writeImmutableBuffer(packet)
    }
}
