public import Keys
public import NIOCore

/// A client is connected here; only for relays of the same region that watch.
///
/// - Wire: key (32 bytes) · IPv6 address, or IPv4 mapped into it (16 bytes) · port (2 bytes, big-endian) · flags (1 byte).
///   Old servers leave out all after the key.
public struct PeerPresentFrame: DERPFrameBody {
    public static let type = DERPFrameType.peerPresent

    /// What is known of the client.
    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let regular = Flags(rawValue: 1)
        public static let mesh = Flags(rawValue: 2)
        public static let prober = Flags(rawValue: 4)
        public static let notIdeal = Flags(rawValue: 8)
    }

    public var peer: NodePublicKey
    /// Sixteen bytes, zero while unknown.
    public var address: UInt128
    public var port: UInt16
    public var flags: Flags

    public init(peer: NodePublicKey, address: UInt128, port: UInt16, flags: Flags) {
        self.peer = peer
        self.address = address
        self.port = port
        self.flags = flags
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let key = body.readKey() else { throw .malformed(Self.type) }
        peer = NodePublicKey(key)
        address =
            UInt128(body.readInteger(as: UInt64.self) ?? 0) << 64 | UInt128(body.readInteger(as: UInt64.self) ?? 0)
        port = body.readInteger() ?? 0
        flags = Flags(rawValue: body.readInteger() ?? 0)
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeKey(peer.bytes)
        buffer.writeInteger(UInt64(truncatingIfNeeded: address >> 64))
        buffer.writeInteger(UInt64(truncatingIfNeeded: address))
        buffer.writeInteger(port)
        buffer.writeInteger(flags.rawValue)
    }
}
