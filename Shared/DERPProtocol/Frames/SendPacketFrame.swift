public import Keys
public import NIOCore

/// A packet for another client.
///
/// - Wire: destination key (32 bytes) · packet, up to 64 KiB.
public struct SendPacketFrame: DERPFrameBody {
    public static let type = DERPFrameType.sendPacket

    public var destination: NodePublicKey
    public var packet: ByteBuffer

    public init(destination: NodePublicKey, packet: ByteBuffer) {
        self.destination = destination
        self.packet = packet
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey(), body.readableBytes <= DERPLengths.packetLimit else {
            throw .malformed(Self.type)
        }
        destination = NodePublicKey(key)
        packet = body
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(destination.bytes)
        buffer.writeImmutableBuffer(packet)
    }
}
