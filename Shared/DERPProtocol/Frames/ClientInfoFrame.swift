public import Keys
public import NIOCore

/// The client's answer to the relay's key: who it is, and a box that proves it.
///
/// - Wire: node key (32 bytes) · nonce (24 bytes) · box with ``DERPClientInfo`` as JSON.
public struct ClientInfoFrame: DERPFrameBody {
    public static let type = DERPFrameType.clientInfo

    public var key: NodePublicKey
    public var nonce: NaClBox.Nonce
    public var box: [UInt8]

    public init(key: NodePublicKey, nonce: NaClBox.Nonce, box: [UInt8]) {
        self.key = key
        self.nonce = nonce
        self.box = box
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey(),
            let nonce = body.readBytes(length: NaClBox.nonceLength).flatMap(NaClBox.Nonce.init)
        else { throw .malformed(Self.type) }
        self.key = NodePublicKey(key)
        self.nonce = nonce
        box = Array(body.readableBytesView)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(key.bytes)
        buffer.writeBytes(nonce.bytes)
        buffer.writeBytes(box)
    }
}
