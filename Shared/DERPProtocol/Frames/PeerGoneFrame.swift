public import Keys
public import NIOCore

/// A client that the receiver may have talked with cannot be reached here.
///
/// - Wire: key (32 bytes) · reason (1 byte; old servers leave it out).
public struct PeerGoneFrame: DERPFrameBody {
    public static let type = DERPFrameType.peerGone

    /// Why; open, since clients must not fail on new ones.
    public struct Reason: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// It was here and left.
        public static let disconnected = Reason(rawValue: 0)
        /// The relay does not know it.
        public static let notHere = Reason(rawValue: 1)
    }

    public var peer: NodePublicKey
    public var reason: Reason

    public init(peer: NodePublicKey, reason: Reason) {
        self.peer = peer
        self.reason = reason
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey() else { throw .malformed(Self.type) }
        peer = NodePublicKey(key)
        reason = Reason(rawValue: body.readInteger() ?? Reason.disconnected.rawValue)
        guard body.readableBytes == 0 else { throw .malformed(Self.type) }
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(peer.bytes)
        buffer.writeInteger(reason.rawValue)
    }
}
