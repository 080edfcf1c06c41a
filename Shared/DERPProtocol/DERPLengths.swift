import Keys

/// Lengths that the protocol fixes, in bytes.
public enum DERPLengths {
    /// Longest packet between two clients.
    ///
    /// - Source: `derp/derp.go`, `MaxPacketSize`.
    public static let packetLimit = 64 << 10
    /// Longest ClientInfo body: key, nonce and box.
    public static let clientInfoLimit = 256 << 10
    /// Longest ServerInfo body that a client accepts.
    public static let serverInfoLimit = 256 << 10
    /// Longest ServerKey body that a client accepts: newer servers may add to it.
    public static let serverKeyLimit = 1 << 10
    public static let pingLimit = 1000
    /// What a pong gives back.
    public static let pingDataLength = 8
    /// Longest problem text that a client accepts.
    public static let healthLimit = 64 << 10
    /// Longest body of an unknown type that is skipped.
    public static let unknownBodyLimit = 1 << 20

    static let key = KeyBytes.length
    static let magic: [UInt8] = [0x44, 0x45, 0x52, 0x50, 0xF0, 0x9F, 0x94, 0x91]
}

/// Which end a stream of frames comes from.
public enum DERPSender: Sendable {
    case client
    case server
}

extension DERPFrameType {
    /// Body lengths that this end may send, in bytes; `nil` for a type that means nothing from it and is skipped.
    func bodyLengths(from sender: DERPSender) -> ClosedRange<Int>? {
        switch sender {
        case .client: bodyLengthsFromClient
        case .server: bodyLengthsFromServer
        }
    }

    private var bodyLengthsFromClient: ClosedRange<Int>? {
        let key = DERPLengths.key
        return switch self {
        case .clientInfo: key + NaClBox.nonceLength...DERPLengths.clientInfoLimit
        case .sendPacket: key...key + DERPLengths.packetLimit
        case .forwardPacket: 2 * key...2 * key + DERPLengths.packetLimit
        case .notePreferred: 1...1
        case .watchConnections: 0...0
        case .closePeer: key...key
        case .ping, .pong: DERPLengths.pingDataLength...DERPLengths.pingLimit
        default: nil
        }
    }

    private var bodyLengthsFromServer: ClosedRange<Int>? {
        let key = DERPLengths.key
        return switch self {
        case .serverKey: DERPLengths.magic.count + key...DERPLengths.serverKeyLimit
        case .serverInfo: NaClBox.nonceLength...DERPLengths.serverInfoLimit
        case .receivePacket: key...key + DERPLengths.packetLimit
        case .keepAlive: 0...0
        case .peerGone: key...key + 1
        case .ping, .pong: DERPLengths.pingDataLength...DERPLengths.pingLimit
        case .health: 0...DERPLengths.healthLimit
        case .restarting: 8...8
        default: nil
        }
    }
}
