public import Keys
public import NIOCore

/// A relay's side of one connection.
///
/// ```
/// greeting ─started─▶ awaitingClientInfo ─ClientInfo─▶ awaitingAdmission ─admitted─▶ open
///     └──────────────────┴── wrong frame, refusal, time-out ──┴──────────────────────┴──▶ closed
/// ```
///
/// Wrong events:
/// 1. The peer breaks the protocol: the answer is ``Action/close(_:)`` and the session is closed.
/// 2. The owner breaks the order (input before ``started(at:)`` or while ``isAwaitingAdmission``, a second start): an
///    assertion in debug, treated as 1 with ``DERPCloseReason/misused`` in release.
/// 3. Harmless and ignored: anything after the end; a late answer to the admission question; pongs.
///
/// - Source: `derp/derpserver/derpserver.go`, `accept` and `sclient.run`.
public struct DERPServerSession: Sendable {
    /// Times and identity, the same for all clients but for the keep-alive.
    public struct Configuration: Sendable {
        public var key: DERPPrivateKey
        /// Each step of the handshake.
        public var handshakeTimeout: TimeAmount
        /// This connection's own interval, jitter included.
        public var keepAliveInterval: TimeAmount

        public init(
            key: DERPPrivateKey,
            handshakeTimeout: TimeAmount = .seconds(10),
            keepAliveInterval: TimeAmount = .seconds(60)
        ) {
            self.key = key
            self.handshakeTimeout = handshakeTimeout
            self.keepAliveInterval = keepAliveInterval
        }
    }

    /// What the owner must do.
    public enum Action: Hashable, Sendable {
        case nothing
        /// Send these frames and flush.
        case send(ByteBuffer)
        /// Find out whether this client may come in; answer with ``admitted(nonce:at:)`` or ``refused()``.
        case admit(DERPClient)
        case relay(DERPPackets)
        /// Send this answer; it may be left out while another one waits to be sent.
        case pong(ByteBuffer)
        case notePreferred(isHome: Bool)
        case close(DERPCloseReason)
    }

    private enum State {
        case greeting
        case awaitingClientInfo(until: NIODeadline)
        case awaitingAdmission(DERPClient, until: NIODeadline)
        case open(nextKeepAlive: NIODeadline)
        case closed
    }

    private let configuration: Configuration
    private var state = State.greeting

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// The connection is there.
    public mutating func started(at now: NIODeadline) -> Action {
        guard case .greeting = state else { return misused() }
        state = .awaitingClientInfo(until: now + configuration.handshakeTimeout)
        return .send(ServerKeyFrame(key: configuration.key.publicKey).encoded)
    }

    /// The decoder gave an input.
    public mutating func received(_ input: DERPInput, at now: NIODeadline) -> Action {
        switch (state, input) {
        case (.greeting, _), (.awaitingAdmission, _):
            return misused()
        case (.awaitingClientInfo, .frame(let frame)) where frame.type == .clientInfo:
            return clientInfoReceived(frame, at: now)
        case (.awaitingClientInfo, .frame(let frame)):
            return close(.unexpectedFrame(frame.type))
        case (.awaitingClientInfo, .packets):
            return close(.unexpectedFrame(.sendPacket))
        case (.open, _):
            return openInputReceived(input)
        case (.closed, _):
            return .nothing
        }
    }

    /// The decoder threw.
    public mutating func framingFailed(_ error: DERPFramingError) -> Action {
        if case .closed = state { return .nothing }
        return close(.framing(error))
    }

    /// The client may come in; `nonce` is used for this connection alone.
    public mutating func admitted(nonce: NaClBox.Nonce, at now: NIODeadline) -> Action {
        switch state {
        case .awaitingAdmission(let client, _):
            let box = NaClBox.seal(
                DERPServerInfo().json,
                nonce: nonce,
                to: client.key.bytes,
                from: configuration.key.bytes
            )
            guard let box else { return close(.forged) }
            state = .open(nextKeepAlive: now + configuration.keepAliveInterval)
            return .send(ServerInfoFrame(nonce: nonce, box: box).encoded)
        case .closed:
            return .nothing
        case .greeting, .awaitingClientInfo, .open:
            return misused()
        }
    }

    /// The client may not come in.
    public mutating func refused() -> Action {
        switch state {
        case .awaitingAdmission: close(.notAdmitted)
        case .closed: .nothing
        case .greeting, .awaitingClientInfo, .open: misused()
        }
    }

    /// The client may no longer be here.
    public mutating func revoked() -> Action {
        switch state {
        case .awaitingAdmission, .open: close(.revoked)
        case .closed: .nothing
        case .greeting, .awaitingClientInfo: misused()
        }
    }

    /// ``deadline`` was reached; called early it does nothing.
    public mutating func timerFired(at now: NIODeadline) -> Action {
        switch state {
        case .awaitingClientInfo(let until), .awaitingAdmission(_, let until):
            return now >= until ? close(.handshakeTimeout) : .nothing
        case .open(let nextKeepAlive):
            guard now >= nextKeepAlive else { return .nothing }
            state = .open(nextKeepAlive: now + configuration.keepAliveInterval)
            return .send(KeepAliveFrame().encoded)
        case .greeting, .closed:
            return .nothing
        }
    }

    /// The connection is gone, whoever ended it.
    public mutating func ended() {
        state = .closed
    }

    /// When ``timerFired(at:)`` has something to do next; `nil`: never.
    ///
    /// Later inputs move it back only.
    public var deadline: NIODeadline? {
        switch state {
        case .awaitingClientInfo(let until), .awaitingAdmission(_, let until): until
        case .open(let nextKeepAlive): nextKeepAlive
        case .greeting, .closed: nil
        }
    }

    /// Whether input must wait in the decoder.
    public var isAwaitingAdmission: Bool {
        if case .awaitingAdmission = state { true } else { false }
    }

    public var isClosed: Bool {
        if case .closed = state { true } else { false }
    }
}

extension DERPServerSession {
    private mutating func clientInfoReceived(_ frame: DERPFrame, at now: NIODeadline) -> Action {
        let body: ClientInfoFrame
        do throws(DERPFramingError) {
            body = try ClientInfoFrame(body: frame.body)
        } catch {
            return close(.framing(error))
        }
        let text = NaClBox.open(body.box, nonce: body.nonce, from: body.key.bytes, to: configuration.key.bytes)
        guard !body.key.isZero, let text else { return close(.forged) }
        guard let info = DERPClientInfo(json: text) else { return close(.malformedInfo) }
        let client = DERPClient(key: body.key, info: info)
        state = .awaitingAdmission(client, until: now + configuration.handshakeTimeout)
        return .admit(client)
    }

    private mutating func openInputReceived(_ input: DERPInput) -> Action {
        switch input {
        case .packets(let packets): .relay(packets)
        case .frame(let frame): openFrameReceived(frame)
        }
    }

    private mutating func openFrameReceived(_ frame: DERPFrame) -> Action {
        do throws(DERPFramingError) {
            switch frame.type {
            case .sendPacket:
                return .relay(try DERPPackets(frame))
            case .ping:
                return .pong(PongFrame(data: try PingFrame(body: frame.body).data).encoded)
            case .notePreferred:
                return .notePreferred(isHome: try NotePreferredFrame(body: frame.body).isHome)
            case .watchConnections, .forwardPacket, .closePeer:
                return close(.insufficientPermissions(frame.type))
            default:
                // As upstream: a second ClientInfo, a pong, types of later versions.
                return .nothing
            }
        } catch {
            return close(.framing(error))
        }
    }

    private mutating func close(_ reason: DERPCloseReason) -> Action {
        state = .closed
        return .close(reason)
    }

    private mutating func misused() -> Action {
        if case .closed = state { return .nothing }
        assertionFailure("DERP session: event in a wrong state")
        return close(.misused)
    }
}
