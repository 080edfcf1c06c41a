import NIOCore
import NIOHPACK
import NIOHTTP2

/// Gathers the answer of one HTTP/2 stream.
final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload

    private let request: ControlRequest
    private let answer: EventLoopPromise<ControlAnswer>
    private var received = ControlAnswer(status: 0, body: ByteBuffer())

    init(request: ControlRequest, answer: EventLoopPromise<ControlAnswer>) {
        self.request = request
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let frame):
            received.status = frame.headers.first(name: ":status").flatMap { Int($0) } ?? received.status
            if frame.endStream { answer.succeed(received) }
        case .data(let frame):
            guard case .byteBuffer(let bytes) = frame.data else { return }
            guard received.body.readableBytes + bytes.readableBytes <= ControlAnswer.bodyLimit else {
                answer.fail(SimulatedClientError.tooLong(limit: ControlAnswer.bodyLimit))
                context.close(promise: nil)
                return
            }
            received.body.writeImmutableBuffer(bytes)
            if frame.endStream { answer.succeed(received) }
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(SimulatedClientError.closed(during: request.path))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        answer.fail(SimulatedClientError.closed(during: request.path))
    }
}
