public import NIOCore

/// A whole frame.
///
/// - Wire: type (1 byte) · body length (4 bytes, big-endian) · body.
/// - Source: `derp/derp.go`, `FrameHeaderLen`.
public struct DERPFrame: Hashable, Sendable {
    /// Length of type and body length, in bytes.
    public static let headerLength = 5

    public var type: DERPFrameType
    public var body: ByteBuffer

    public init(type: DERPFrameType, body: ByteBuffer = ByteBuffer()) {
        self.type = type
        self.body = body
    }

    /// Appends header and body.
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeFrameHeader(type, bodyLength: body.readableBytes)
        buffer.writeImmutableBuffer(body)
    }
}

extension ByteBuffer {
    mutating func writeFrameHeader(_ type: DERPFrameType, bodyLength: Int) {
        writeInteger(type.rawValue)
        // Every body of this module is far below 4 GiB; clamping keeps a caller's mistake from trapping.
        writeInteger(UInt32(clamping: bodyLength))
    }
}
