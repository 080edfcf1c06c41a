public import NIOCore

/// Sent by the relay about once a minute, so that the client knows that the path still works.
///
/// - Wire: empty.
public struct KeepAliveFrame: DERPFrameBody {
    public static let type = DERPFrameType.keepAlive

    public init() {}

    public init(body: ByteBuffer) throws(DERPFramingError) {
        guard body.readableBytes == 0 else { throw .malformed(Self.type) }
    }

    public func encodeBody(into buffer: inout ByteBuffer) {}
}
