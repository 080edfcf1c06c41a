public import NIOCore

/// The client says whether this relay is its home.
///
/// - Wire: one byte, 1 or 0.
public struct NotePreferredFrame: DERPFrameBody {
    public static let type = DERPFrameType.notePreferred

    public var isHome: Bool

    public init(isHome: Bool) {
        self.isHome = isHome
    }

    /// Any byte but 0 means yes, as upstream reads it.
    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let byte = body.readInteger(as: UInt8.self), body.readableBytes == 0 else { throw .malformed(Self.type) }
        isHome = byte != 0
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeInteger(isHome ? 1 : 0, as: UInt8.self)
    }
}
