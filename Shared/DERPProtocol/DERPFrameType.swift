/// First byte of a frame: what its body is.
///
/// Open on purpose: both ends skip types that they do not know.
///
/// - Source: `derp/derp.go`, `FrameType`.
public struct DERPFrameType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let serverKey = DERPFrameType(rawValue: 0x01)
    public static let clientInfo = DERPFrameType(rawValue: 0x02)
    public static let serverInfo = DERPFrameType(rawValue: 0x03)
    public static let sendPacket = DERPFrameType(rawValue: 0x04)
    public static let receivePacket = DERPFrameType(rawValue: 0x05)
    public static let keepAlive = DERPFrameType(rawValue: 0x06)
    public static let notePreferred = DERPFrameType(rawValue: 0x07)
    public static let peerGone = DERPFrameType(rawValue: 0x08)
    public static let peerPresent = DERPFrameType(rawValue: 0x09)
    public static let forwardPacket = DERPFrameType(rawValue: 0x0A)
    public static let watchConnections = DERPFrameType(rawValue: 0x10)
    public static let closePeer = DERPFrameType(rawValue: 0x11)
    public static let ping = DERPFrameType(rawValue: 0x12)
    public static let pong = DERPFrameType(rawValue: 0x13)
    public static let health = DERPFrameType(rawValue: 0x14)
    public static let restarting = DERPFrameType(rawValue: 0x15)
}

extension DERPFrameType: CustomStringConvertible {
    public var description: String { "0x" + (rawValue < 16 ? "0" : "") + String(rawValue, radix: 16) }
}
