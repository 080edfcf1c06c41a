import NIOCore
import NoiseProtocol

/// The client's side of `/ts2021`: the upgrade, the handshake, records, and the early payload, which is skipped.
///
/// Below it bytes of the connection, above it plaintext. Nothing may be written from above before ``ready`` has succeeded.
final class NoiseClientHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Sent from above as an outbound event: bytes that go out as they are, for tests of bad records.
    struct UnsealedBytes: Sendable {
        var bytes: ByteBuffer
    }

    /// Longest answer to the upgrade that is kept, in bytes.
    private static let answerLimit = 64 << 10

    private enum State {
        case awaitingUpgrade(ByteBuffer)
        case awaitingResponse(ByteBuffer)
        /// Records come; whether an early payload is in front is not known yet.
        case awaitingPlaintext(NoiseReceiver, ByteBuffer)
        case open(NoiseReceiver)
        case closed
    }

    private let request: ByteBuffer
    private let initiator: NoiseInitiator
    private let ready: EventLoopPromise<Void>
    /// Adds the handlers above, once records can be sent.
    private let install: (any Channel) throws -> Void
    private var state = State.awaitingUpgrade(ByteBuffer())
    private var sender: NoiseSender?

    init(
        request: ByteBuffer,
        initiator: NoiseInitiator,
        ready: EventLoopPromise<Void>,
        install: @escaping (any Channel) throws -> Void
    ) {
        self.request = request
        self.initiator = initiator
        self.ready = ready
        self.install = install
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(request), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try received(Self.unwrapInboundIn(data), context)
        } catch {
            fail(error, context)
        }
    }

    private func received(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) throws {
        var bytes = bytes
        switch state {
        case .awaitingUpgrade(var answer):
            answer.writeBuffer(&bytes)
            guard answer.readableBytes <= Self.answerLimit else {
                throw SimulatedClientError.tooLong(limit: Self.answerLimit)
            }
            state = .awaitingUpgrade(answer)
            guard let length = HTTP1Answer.headLength(in: answer.readableBytesView) else { return }
            guard let head = HTTP1Answer(answer, isAtEnd: false), head.status == 101,
                head.headers["upgrade"] == "tailscale-control-protocol"
            else { return try refused(answer) }
            answer.moveReaderIndex(forwardBy: length)
            state = .awaitingResponse(ByteBuffer())
            try received(answer, context)
        case .awaitingResponse(var response):
            response.writeBuffer(&bytes)
            state = .awaitingResponse(response)
            try readResponse(response, context)
        case .awaitingPlaintext(let receiver, var plaintext):
            try receiver.open(&bytes, into: &plaintext)
            state = .awaitingPlaintext(receiver, plaintext)
            switch try EarlyPayload.read(from: &plaintext) {
            case .incomplete: break
            case .absent, .present:
                state = .open(receiver)
                fire(plaintext, context)
            }
        case .open(let receiver):
            var plaintext = ByteBuffer()
            // What came before a bad record is authentic and goes up.
            defer { fire(plaintext, context) }
            try receiver.open(&bytes, into: &plaintext)
        case .closed: break
        }
    }

    /// An answer other than 101 is told once it is whole.
    private func refused(_ answer: ByteBuffer) throws {
        guard let whole = HTTP1Answer(answer, isAtEnd: false) else { return }
        throw SimulatedClientError.notUpgraded(answer: "\(whole.status) \(whole.text)")
    }

    private func readResponse(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) throws {
        guard let field = bytes.getInteger(at: bytes.readerIndex + 1, as: UInt16.self) else { return }
        var rest = bytes
        guard let message = rest.readSlice(length: 3 + Int(field)) else { return }
        let keys = try initiator.finish(message)
        sender = try NoiseSender(keys)
        state = .awaitingPlaintext(try NoiseReceiver(keys), ByteBuffer())
        try install(context.channel)
        ready.succeed(())
        if rest.readableBytes > 0 { try received(rest, context) }
    }

    private func fire(_ plaintext: ByteBuffer, _ context: ChannelHandlerContext) {
        guard plaintext.readableBytes > 0 else { return }
        context.fireChannelRead(Self.wrapInboundOut(plaintext))
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let sender else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        var plaintext = Self.unwrapOutboundIn(data)
        var records = ByteBuffer()
        do {
            try sender.seal(&plaintext, into: &records)
            context.write(Self.wrapOutboundOut(records), promise: promise)
        } catch {
            promise?.fail(error)
            fail(error, context)
        }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let unsealed = event as? UnsealedBytes else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.writeAndFlush(Self.wrapOutboundOut(unsealed.bytes), promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        state = .closed
        ready.fail(SimulatedClientError.closed(during: "handshake"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ready.fail(SimulatedClientError.closed(during: "handshake"))
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        state = .closed
        ready.fail(error)
        context.close(promise: nil)
    }
}
