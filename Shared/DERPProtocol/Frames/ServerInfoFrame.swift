public import NIOCore

/// The relay's proof that it holds its key; after it packets flow.
///
/// - Wire: nonce (24 bytes) · box with ``DERPServerInfo`` as JSON.
public struct ServerInfoFrame: DERPFrameBody {
    public static let type = DERPFrameType.serverInfo

    public var nonce: NaClBox.Nonce
    public var box: [UInt8]

    public init(nonce: NaClBox.Nonce, box: [UInt8]) {
        self.nonce = nonce
        self.box = box
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let nonce = body.readBytes(length: NaClBox.nonceLength).flatMap(NaClBox.Nonce.init) else {
            throw .malformed(Self.type)
        }
        self.nonce = nonce
        box = Array(body.readableBytesView)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeBytes(nonce.bytes)
        buffer.writeBytes(box)
    }
}
