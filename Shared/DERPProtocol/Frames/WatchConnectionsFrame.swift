public import NIOCore

/// A relay of the same region asks who is connected, now and from now on.
///
/// - Wire: empty.
public struct WatchConnectionsFrame: DERPFrameBody {
    public static let type = DERPFrameType.watchConnections

    public init() {}

    public init(body: ByteBuffer) throws(DERPFramingError) {
        guard body.readableBytes == 0 else { throw .malformed(Self.type) }
    }

    public func encodeBody(into buffer: inout ByteBuffer) {}
}
