public import NIOCore

/// The answer to a ``PingFrame``.
///
/// - Wire: 8 bytes, of no meaning to the receiver; what follows them is ignored.
public struct PongFrame: DERPFrameBody {
    public static let type = DERPFrameType.pong

    public var data: UInt64

    public init(data: UInt64) {
        self.data = data
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let data = body.readInteger(as: UInt64.self) else { throw .malformed(Self.type) }
        self.data = data
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeInteger(data)
    }
}
