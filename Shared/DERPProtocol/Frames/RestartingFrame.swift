public import NIOCore

/// The relay restarts; only for clients that set ``DERPClientInfo/canAckPings``.
///
/// - Wire: two numbers of milliseconds (4 bytes each, big-endian).
public struct RestartingFrame: DERPFrameBody {
    public static let type = DERPFrameType.restarting

    /// When to connect again.
    public var reconnectIn: TimeAmount
    /// For how long to try before looking elsewhere.
    public var tryFor: TimeAmount

    public init(reconnectIn: TimeAmount, tryFor: TimeAmount) {
        self.reconnectIn = reconnectIn
        self.tryFor = tryFor
    }

    public init(body: ByteBuffer) throws(DERPFramingError) {
        var body = body
        guard let reconnectIn = body.readInteger(as: UInt32.self), let tryFor = body.readInteger(as: UInt32.self) else {
            throw .malformed(Self.type)
        }
        self.reconnectIn = .milliseconds(Int64(reconnectIn))
        self.tryFor = .milliseconds(Int64(tryFor))
    }

    public func encodeBody(into buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt32(clamping: reconnectIn.nanoseconds / 1_000_000))
        buffer.writeInteger(UInt32(clamping: tryFor.nanoseconds / 1_000_000))
    }
}
