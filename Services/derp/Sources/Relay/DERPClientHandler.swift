import DERPProtocol
import Keys
import Logging
import Metrics
import NIOCore
import ServiceKit

/// Carries out what a ``DERPServerSession`` decides, on one client's channel.
///
/// Stays on its event loop; others reach it through ``RelayConnection``.
final class DERPClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let relay: DERPRelay
    private var session: DERPServerSession
    private var decoder = DERPFrameDecoder(framesFrom: .client)
    private var context: ChannelHandlerContext?
    private var connection: RelayConnection?
    /// Set once the client is admitted.
    private var key: NodePublicKey?
    private var outgoing = OutgoingPackets()
    private var notHereRate: NoticeRate?
    private var writer: ClientWriter
    private var isHome = false
    private var isStarted = false
    /// A read asked for while input must wait.
    private var isReadHeld = false
    private var timer: Scheduled<Void>?

    init(relay: DERPRelay) {
        self.relay = relay
        session = DERPServerSession(
            DERPServerSession.Configuration(
                key: relay.key,
                handshakeTimeout: relay.limits.handshakeTimeout,
                keepAliveInterval: relay.limits.keepAliveInterval
                    + relay.randomness.jitter(relay.limits.keepAliveJitter)
            )
        )
        writer = ClientWriter(limits: relay.limits, metrics: relay.metrics)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        processInput(context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        finishRead(context)
        context.fireChannelReadComplete()
    }

    /// Holds input back while the client is not admitted: what it sends meanwhile stays in the socket.
    func read(context: ChannelHandlerContext) {
        if session.isAwaitingAdmission {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { drain() } else { watchStall(context) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { close(context, label: "peer_closed") }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(context, label: "io_error")
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }
}

/// What other event loops ask for, by way of ``RelayConnection``.
extension DERPClientHandler {
    /// Writes what waits, as far as the socket takes it.
    func drain() {
        guard let context, let connection else { return }
        writer.drain(connection.mailbox, to: context)
        if !context.channel.isWritable { watchStall(context) }
    }

    func revoke() {
        guard let context else { return }
        perform(session.revoked(), context)
    }

    func shutDown() {
        guard let context else { return }
        close(context, label: "shutdown")
    }
}

extension DERPClientHandler {
    private func start(_ context: ChannelHandlerContext) {
        guard !isStarted else { return }
        isStarted = true
        connection = relay.attach(self, eventLoop: context.eventLoop)
        perform(session.started(at: context.eventLoop.now), context)
        schedule(context)
    }

    private func end() {
        session.ended()
        timer?.cancel()
        writer.end()
        setHome(false)
        guard let connection else { return }
        self.connection = nil
        relay.detach(connection, key: key)
    }

    private func processInput(_ context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        do throws(DERPFramingError) {
            while !session.isClosed, !session.isAwaitingAdmission, let input = try decoder.nextInput() {
                perform(session.received(input, at: now), context)
                if outgoing.byteCount >= relay.limits.collectedBytes { forward(context) }
            }
        } catch {
            // What came whole before the fault is still delivered.
            perform(session.framingFailed(error), context)
        }
        if let connection, let key { relay.sent(connection, key: key) }
    }

    private func finishRead(_ context: ChannelHandlerContext) {
        forward(context)
        writer.flush(context)
    }

    private func perform(_ action: DERPServerSession.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .send(let frames): writer.send(frames, to: context)
        case .admit(let client): admit(client, context)
        case .relay(let packets): if let key { outgoing.append(packets, from: key) }
        case .pong(let frame): writer.pong(frame, to: context)
        case .notePreferred(let isHome): setHome(isHome)
        case .close(let reason): close(context, label: reason.label)
        }
    }

    private func forward(_ context: ChannelHandlerContext) {
        guard !outgoing.isEmpty, let key else { return }
        let missing = relay.forward(outgoing.takeAll(), from: key)
        let now = context.eventLoop.now
        for peer in missing where notHereRate?.allows(at: now) == true {
            relay.metrics.peerGoneNotHere.increment()
            writer.enqueue(PeerGoneFrame(peer: peer, reason: .notHere).encoded, to: context)
        }
    }

    private func close(_ context: ChannelHandlerContext, label: String) {
        guard connection != nil else { return }
        forward(context)
        relay.metrics.closed(label)
        relay.logger.debug("relay client disconnected", metadata: [LogKey.reason: "\(label)"])
        end()
        context.close(promise: nil)
    }

    private func setHome(_ isHome: Bool) {
        guard isHome != self.isHome else { return }
        self.isHome = isHome
        if isHome { relay.metrics.homeConnections.increment() } else { relay.metrics.homeConnections.decrement() }
    }
}

extension DERPClientHandler {
    private func admit(_ client: DERPClient, _ context: ChannelHandlerContext) {
        let eventLoop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        relay.admit(client.key) { isAdmitted in
            if eventLoop.inEventLoop {
                bound.value.answered(isAdmitted, client)
            } else {
                eventLoop.execute { bound.value.answered(isAdmitted, client) }
            }
        }
    }

    private func answered(_ isAdmitted: Bool, _ client: DERPClient) {
        guard let context, let connection, !session.isClosed else { return }
        guard isAdmitted else { return perform(session.refused(), context) }
        let now = context.eventLoop.now
        let action = session.admitted(nonce: relay.randomness.nonce(), at: now)
        if case .send = action {
            key = client.key
            notHereRate = NoticeRate(interval: relay.limits.notHereInterval, burst: relay.limits.notHereBurst, now: now)
            relay.open(connection, key: client.key)
        }
        perform(action, context)
        schedule(context)
        processInput(context)
        finishRead(context)
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    private func schedule(_ context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        guard let deadline = session.deadline else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self, let context = self.context else { return }
            self.perform(self.session.timerFired(at: context.eventLoop.now), context)
            self.schedule(context)
        }
    }

    private func watchStall(_ context: ChannelHandlerContext) {
        writer.watchStall(context) { [weak self] in
            guard let self, let context = self.context else { return }
            self.close(context, label: "write_stalled")
        }
    }
}
