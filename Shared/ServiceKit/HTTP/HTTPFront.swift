import NIOCore
import NIOHTTP1

/// The HTTP/1.1 end of a connection: one request after another, until one of them leaves HTTP.
///
/// Requests are collected whole and answered in order; while one is answered, at most one read of what follows is taken
/// in. An accepted upgrade removes the HTTP handlers, this one included, and leaves a pipeline of plain bytes.
final class HTTPFront: ChannelDuplexHandler, RemovableChannelHandler {
    // Parts while the decoder is there, bytes once it goes: a wrong guess would trap, so both are looked at.
    typealias InboundIn = Any
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        /// For the head of a request.
        case waiting
        case receiving(RequestCollector)
        case responding(Exchange)
        /// The decoder is on its way out; `early` holds what the client sent ahead.
        case switching(Switch, early: [ByteBuffer])
        /// The protocol is installed and reads what came early.
        case passing(early: [ByteBuffer])
        /// Answered or given up; what still arrives is thrown away.
        case closing
    }

    let server: SurfaceServer
    let encoder: HTTPResponseEncoder
    let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    let isTLS: Bool
    /// Whose connection it is, as a balancer said or the socket does.
    let peer: SocketAddress?
    let loop: any EventLoop

    var state = State.waiting
    var context: ChannelHandlerContext?
    /// Parts of requests that were sent before the answer to the one before them.
    var pipelined: [HTTPServerRequestPart] = []
    /// The decoder gave up behind the requests in `pipelined`; answered when their turn is over.
    var pipelinedFailure: HTTPResponseStatus?
    var isQuiescing = false
    var exchanges: UInt64 = 0
    var pendingWrites = 0
    private var heldRead = false
    private var deadline: Scheduled<Void>?

    init(
        server: SurfaceServer,
        encoder: HTTPResponseEncoder,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        isTLS: Bool,
        peer: SocketAddress?,
        loop: any EventLoop
    ) {
        self.server = server
        self.encoder = encoder
        self.decoder = decoder
        self.isTLS = isTLS
        self.peer = peer
        self.loop = loop
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        closeUnlessDone(within: server.limits.headTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case let part as HTTPServerRequestPart: receive(part)
        case let data as IOData:
            if case .byteBuffer(let bytes) = data { receive(bytes) }
        default: context.close(promise: nil)
        }
    }

    func read(context: ChannelHandlerContext) {
        switch state {
        case .waiting, .receiving, .passing, .closing: context.read()
        // Reading on shows a TLS client's farewell; the next request then stops it.
        case .responding where pipelined.isEmpty: context.read()
        case .responding, .switching: heldRead = true
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        isQuiescing = true
        switch state {
        case .waiting, .closing: context.close(promise: nil)
        case .receiving, .responding, .switching: break
        case .passing: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let status = Self.status(of: error) else {
            context.close(promise: nil)
            return
        }
        switch state {
        case .waiting, .receiving: reject(status)
        case .responding: pipelinedFailure = status
        case .switching, .passing: context.close(promise: nil)
        case .closing: break
        }
    }

    func releaseRead() {
        guard heldRead else { return }
        heldRead = false
        context?.read()
    }

    /// Replaces the deadline of the connection.
    func closeUnlessDone(within limit: Duration) {
        deadline?.cancel()
        deadline = loop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            self.context?.close(promise: nil)
        }
    }

    func clearDeadline() {
        deadline?.cancel()
        deadline = nil
    }

    private func stop() {
        clearDeadline()
        if case .responding(let exchange) = state { exchange.task?.cancel() }
        state = .closing
        pipelined = []
    }

    /// The answer to what the decoder refuses; `nil` for errors that are not about HTTP.
    private static func status(of error: any Error) -> HTTPResponseStatus? {
        switch error {
        case HTTPParserError.headerOverflow: .requestHeaderFieldsTooLarge
        case is ByteToMessageDecoderError.PayloadTooLargeError: .requestHeaderFieldsTooLarge
        case HTTPParserError.invalidEOFState: nil
        case is HTTPParserError: .badRequest
        default: nil
        }
    }
}
