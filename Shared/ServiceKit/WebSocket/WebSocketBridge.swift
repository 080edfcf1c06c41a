import NIOCore
import NIOWebSocket

/// Turns a WebSocket into a byte stream: binary messages in, bytes up; bytes down, binary messages out.
///
/// Message boundaries mean nothing, so fragments are passed on as they come. Errors of the client are answered with
/// a close frame (RFC 6455 §7.4): 1002 for frames against the protocol, 1003 for text, 1009 above the limit.
final class WebSocketBridge: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    /// Sent instead of serving, as soon as the handshake is through.
    let refusal: WebSocketErrorCode?
    private let limits: ListenerLimits
    private var isClosing = false
    private var isInMessage = false
    private var messageLength = 0
    private var deadline: Scheduled<Void>?

    init(limits: ListenerLimits, refusal: WebSocketErrorCode?) {
        self.limits = limits
        self.refusal = refusal
    }

    static func codec(limits: ListenerLimits) -> [any ChannelHandler] {
        [
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.webSocketMessageLength)),
        ]
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if let refusal { startClosing(refusal, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = Self.unwrapInboundIn(data)
        if isClosing {
            // The client's answer to our close frame, or what it sent before it saw that.
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        guard frame.maskKey != nil, frame.reservedBits.isEmpty else {
            startClosing(.protocolError, context)
            return
        }
        switch frame.opcode {
        case .binary where !isInMessage: take(frame, context)
        case .continuation where isInMessage: take(frame, context)
        case .text: startClosing(.unacceptableData, context)
        case .ping: answer(ping: frame, context)
        case .pong: break
        case .connectionClose: answer(close: frame, context)
        default: startClosing(.protocolError, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let violation = error as? NIOWebSocketError else {
            context.fireErrorCaught(error)
            return
        }
        switch violation {
        case .invalidFrameLength: startClosing(.messageTooLarge, context)
        case .fragmentedControlFrame, .multiByteControlFrameLength: startClosing(.protocolError, context)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let frame = WebSocketFrame(fin: true, opcode: .binary, data: Self.unwrapOutboundIn(data))
        context.write(Self.wrapOutboundOut(frame), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard !isClosing, mode != .input, context.channel.isActive else {
            context.close(mode: mode, promise: promise)
            return
        }
        isClosing = true
        writeClose(.normalClosure, context).assumeIsolated().whenComplete { _ in
            context.close(mode: .all, promise: promise)
        }
    }

    private func take(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard frame.length <= limits.webSocketMessageLength - messageLength else {
            startClosing(.messageTooLarge, context)
            return
        }
        isInMessage = !frame.fin
        messageLength = frame.fin ? 0 : messageLength + frame.length
        guard frame.length > 0 else { return }
        context.fireChannelRead(Self.wrapInboundOut(frame.unmaskedData))
    }

    private func answer(ping: WebSocketFrame, _ context: ChannelHandlerContext) {
        // A client that asks without reading gets no answers, which would only pile up.
        guard context.channel.isWritable else { return }
        let pong = WebSocketFrame(fin: true, opcode: .pong, data: ping.unmaskedData)
        context.writeAndFlush(Self.wrapOutboundOut(pong), promise: nil)
    }

    private func answer(close: WebSocketFrame, _ context: ChannelHandlerContext) {
        var body = close.unmaskedData
        guard body.readableBytes != 1 else {
            startClosing(.protocolError, context)
            return
        }
        isClosing = true
        writeClose(body.readWebSocketErrorCode(), context).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    /// Sends a close frame and gives the client a moment to answer it.
    private func startClosing(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        _ = writeClose(code, context)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limits.lingerTimeout)) {
            context.close(promise: nil)
        }
    }

    private func writeClose(
        _ code: WebSocketErrorCode?,
        _ context: ChannelHandlerContext
    ) -> EventLoopFuture<Void> {
        var body = ByteBuffer()
        if let code { body.write(webSocketErrorCode: code) }
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: body)
        return context.writeAndFlush(Self.wrapOutboundOut(frame))
    }
}
