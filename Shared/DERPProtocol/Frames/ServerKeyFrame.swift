public import Keys
public import NIOCore

/// The first frame: who the relay is.
///
/// - Wire: magic (8 bytes, "DERP🔑") · key (32 bytes) · ignored rest.
public struct ServerKeyFrame: DERPFrameBody {
    public static let type = DERPFrameType.serverKey

    public var key: DERPPublicKey

    public init(key: DERPPublicKey) {
        self.key = key
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard body.readBytes(length: DERPLengths.magic.count) == DERPLengths.magic, let key = body.readKey() else {
            throw .malformed(Self.type)
        }
        self.key = DERPPublicKey(key)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeBytes(DERPLengths.magic)
        buffer.writeKey(key.bytes)
    }
}
