public import NIOCore

/// The content of one kind of frame.
public protocol DERPFrameBody: Hashable, Sendable {
    static var type: DERPFrameType { get }

    /// Reads a whole body; throws ``DERPFramingError/malformed(_:)`` when it is not one.
    init(body: ByteBuffer) throws(DERPFramingError)

    /// Appends the body without header.
    func encodeBody(into buffer: inout ByteBuffer)
}

extension DERPFrameBody {
    /// The frame with its header.
    public var encoded: ByteBuffer {
        var body = ByteBuffer()
        encodeBody(into: &body)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(DERPFrame.headerLength + body.readableBytes)
        DERPFrame(type: Self.type, body: body).encode(into: &buffer)
        return buffer
    }
}
