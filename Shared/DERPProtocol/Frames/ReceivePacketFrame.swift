public import Keys
public import NIOCore

/// A packet from another client.
///
/// - Wire: source key (32 bytes) · packet, up to 64 KiB.
public struct ReceivePacketFrame: DERPFrameBody {
    public static let type = DERPFrameType.receivePacket

    public var source: NodePublicKey
    public var packet: ByteBuffer

    public init(source: NodePublicKey, packet: ByteBuffer) {
        self.source = source
        self.packet = packet
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey(), body.readableBytes <= DERPLengths.packetLimit else {
            throw .malformed(Self.type)
        }
        source = NodePublicKey(key)
        packet = body
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(source.bytes)
        buffer.writeImmutableBuffer(packet)
    }
}
