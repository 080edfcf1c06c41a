public import Keys
public import NIOCore

/// A client's side of one connection; for tests and simulated nodes.
///
/// ```
/// awaitingServerKey ─ServerKey─▶ awaitingServerInfo ─ServerInfo─▶ open ─▶ closed
/// ```
///
/// Wrong events: a broken handshake closes with a reason; frames after the end, and unknown ones at any time, are ignored.
///
/// - Source: `derp/derp_client.go`.
public struct DERPClientSession: Sendable {
    /// What the owner must do.
    public enum Action: Hashable, Sendable {
        case nothing
        /// Send these frames: the answer to the greeting or to a ping.
        case send(ByteBuffer)
        /// Packets may be sent from now on.
        case opened(DERPServerInfo)
        case packet(source: NodePublicKey, ByteBuffer)
        case keepAlive
        case peerGone(NodePublicKey, PeerGoneFrame.Reason)
        case pong(data: UInt64)
        case health(problem: String)
        case restarting(RestartingFrame)
        case close(DERPCloseReason)
    }

    private enum State {
        case awaitingServerKey
        case awaitingServerInfo(DERPPublicKey)
        case open
        case closed
    }

    private let key: NodePrivateKey
    private let info: DERPClientInfo
    private let nonce: NaClBox.Nonce
    private var state = State.awaitingServerKey

    /// - Parameter nonce: used for this connection alone.
    public init(key: NodePrivateKey, info: DERPClientInfo = DERPClientInfo(), nonce: NaClBox.Nonce) {
        self.key = key
        self.info = info
        self.nonce = nonce
    }

    public mutating func received(_ frame: DERPFrame) -> Action {
        do throws(DERPFramingError) {
            switch (state, frame.type) {
            case (.awaitingServerKey, .serverKey):
                return answer(try ServerKeyFrame(body: frame.body).key)
            case (.awaitingServerInfo(let server), .serverInfo):
                return open(try ServerInfoFrame(body: frame.body), from: server)
            case (.awaitingServerKey, _), (.awaitingServerInfo, _):
                return close(.unexpectedFrame(frame.type))
            case (.open, _):
                return try openFrameReceived(frame)
            case (.closed, _):
                return .nothing
            }
        } catch {
            return close(.framing(error))
        }
    }

    /// Takes the relay's key from its certificate instead of its first frame: fast start.
    public mutating func fastStarted(server: DERPPublicKey) -> Action {
        guard case .awaitingServerKey = state else { return .nothing }
        return answer(server)
    }

    /// The connection is gone, whoever ended it.
    public mutating func ended() {
        state = .closed
    }

    private mutating func answer(_ server: DERPPublicKey) -> Action {
        guard let box = NaClBox.seal(info.json, nonce: nonce, to: server.bytes, from: key.bytes) else {
            return close(.forged)
        }
        state = .awaitingServerInfo(server)
        return .send(ClientInfoFrame(key: key.publicKey, nonce: nonce, box: box).encoded)
    }

    private mutating func open(_ frame: ServerInfoFrame, from server: DERPPublicKey) -> Action {
        guard let text = NaClBox.open(frame.box, nonce: frame.nonce, from: server.bytes, to: key.bytes) else {
            return close(.forged)
        }
        guard let info = DERPServerInfo(json: text) else { return close(.malformedInfo) }
        guard info.version == DERPServerInfo.protocolVersion else { return close(.unsupportedVersion(info.version)) }
        state = .open
        return .opened(info)
    }

    private func openFrameReceived(_ frame: DERPFrame) throws(DERPFramingError) -> Action {
        switch frame.type {
        case .receivePacket:
            let body = try ReceivePacketFrame(body: frame.body)
            return .packet(source: body.source, body.packet)
        case .keepAlive:
            return .keepAlive
        case .peerGone:
            let body = try PeerGoneFrame(body: frame.body)
            return .peerGone(body.peer, body.reason)
        case .ping:
            return .send(PongFrame(data: try PingFrame(body: frame.body).data).encoded)
        case .pong:
            return .pong(data: try PongFrame(body: frame.body).data)
        case .health:
            return .health(problem: try HealthFrame(body: frame.body).problem)
        case .restarting:
            return .restarting(try RestartingFrame(body: frame.body))
        default:
            return .nothing
        }
    }

    private mutating func close(_ reason: DERPCloseReason) -> Action {
        state = .closed
        return .close(reason)
    }
}
