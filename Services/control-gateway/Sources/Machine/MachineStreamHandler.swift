import Keys
import NIOCore
import NIOHPACK
import NIOHTTP2
import TailcfgWire

/// One HTTP/2 stream of a Noise connection: gathers a request, hands it to the router, writes the answer.
///
/// The `:authority` and `host` of these requests mean nothing (clients send what they like) and are not looked at.
final class MachineStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    /// Longest request body, in bytes: no decoder takes more, and a stranger may hold this much on each stream.
    static let bodyLimit = WireLimit.requestLength

    private enum State {
        case awaitingHead
        case receiving(method: String, target: String, body: ByteBuffer)
        /// The router has the request.
        case handling
        case streaming(MapStream)
        case closed
    }

    private var state = State.awaitingHead
    /// Of this request.
    private var bodyLimit = MachineStreamHandler.bodyLimit
    private var task: Task<Void, Never>?
    private let router: MachineRouter
    private let machineKey: MachinePublicKey
    private let source: String?

    init(router: MachineRouter, machineKey: MachinePublicKey, source: String?) {
        self.router = router
        self.machineKey = machineKey
        self.source = source
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let frame): received(frame, context)
        case .data(let frame): received(frame, context)
        default: break
        }
    }

    private func received(_ frame: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) {
        switch state {
        case .awaitingHead:
            let method = frame.headers.first(name: ":method") ?? ""
            let target = frame.headers.first(name: ":path") ?? ""
            state = .receiving(method: method, target: target, body: ByteBuffer())
        case .receiving, .handling, .streaming, .closed:
            break  // trailers
        }
        if frame.endStream { requestEnded(context) }
    }

    private func received(_ frame: HTTP2Frame.FramePayload.Data, _ context: ChannelHandlerContext) {
        guard case .receiving(let method, let target, var body) = state, case .byteBuffer(let bytes) = frame.data else {
            return
        }
        let length = body.readableBytes + bytes.readableBytes
        if length > Self.bodyLimit, bodyLimit == Self.bodyLimit {
            bodyLimit = router.answers.bodyLimit(path: target, from: machineKey) ?? bodyLimit
        }
        guard length <= bodyLimit else {
            if bodyLimit > Self.bodyLimit {
                state = .receiving(method: method, target: target, body: ByteBuffer())
                requestEnded(context, isCut: true)
            } else {
                respond(.text(413, "the request body is longer than \(Self.bodyLimit) bytes"), context)
            }
            return
        }
        // Else the state would hold the bytes, too, and all of them would be copied.
        state = .handling
        body.writeImmutableBuffer(bytes)
        state = .receiving(method: method, target: target, body: body)
        if frame.endStream { requestEnded(context) }
    }

    private func requestEnded(_ context: ChannelHandlerContext, isCut: Bool = false) {
        guard case .receiving(let method, let target, let body) = state else { return }
        state = .handling
        let path = target.prefix { $0 != "?" }
        let request = MachineRequest(
            method: method,
            path: String(path),
            query: String(target.dropFirst(path.count + 1)),
            body: body,
            isCut: isCut,
            machineKey: machineKey,
            source: source
        )
        let exchange = MachineExchange(handler: self, context: context)
        let router = router
        // A NIO callback leaves no other way into async code; it ends with the answer, or with the stream.
        task = Task { await router.handle(request, exchange) }
    }

    fileprivate func respond(_ response: MachineResponse, _ context: ChannelHandlerContext) {
        switch state {
        case .closed, .streaming: return
        case .awaitingHead, .receiving, .handling: break
        }
        state = .closed
        var headers = HPACKHeaders([(":status", String(response.status)), ("content-type", response.contentType)])
        headers.add(name: "content-length", value: String(response.body.readableBytes))
        if let seconds = response.retryAfter { headers.add(name: "retry-after", value: String(seconds)) }
        let isEmpty = response.body.readableBytes == 0
        context.write(
            Self.wrapOutboundOut(.headers(.init(headers: headers, endStream: isEmpty))),
            promise: nil
        )
        if !isEmpty {
            context.write(
                Self.wrapOutboundOut(.data(.init(data: .byteBuffer(response.body), endStream: true))),
                promise: nil
            )
        }
        context.flush()
    }

    fileprivate func startStream(
        _ opened: OpenedMap,
        _ presence: PresenceReporter,
        _ context: ChannelHandlerContext
    ) -> Bool {
        guard case .handling = state, context.channel.isActive else { return false }
        let headers = HPACKHeaders([(":status", "200"), ("content-type", "application/json")])
        context.write(Self.wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
        let stream = MapStream(opened: opened, presence: presence, context: context)
        state = .streaming(stream)
        stream.start(with: opened.first)
        return true
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streaming(let stream) = state { stream.writabilityChanged() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        ended()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func ended() {
        if case .streaming(let stream) = state { stream.ended() }
        state = .closed
        task?.cancel()
        task = nil
    }
}

/// How the router answers a request, from any thread.
struct MachineExchange: Sendable {
    private let eventLoop: any EventLoop
    private let bound: NIOLoopBound<(MachineStreamHandler, ChannelHandlerContext)>

    init(handler: MachineStreamHandler, context: ChannelHandlerContext) {
        eventLoop = context.eventLoop
        bound = NIOLoopBound((handler, context), eventLoop: context.eventLoop)
    }

    var loop: any EventLoop { eventLoop }

    func respond(_ response: MachineResponse) {
        eventLoop.execute {
            let (handler, context) = bound.value
            handler.respond(response, context)
        }
    }

    /// Turns the exchange into a map stream; `false` when the client has gone meanwhile.
    func start(_ opened: OpenedMap, _ presence: PresenceReporter) async -> Bool {
        let started = try? await eventLoop.submit {
            let (handler, context) = bound.value
            return handler.startStream(opened, presence, context)
        }.get()
        return started ?? false
    }
}
