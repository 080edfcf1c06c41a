import NIOCore
import NIOHPACK
import NIOHTTP2

/// Hands the answer of a map stream to its session, and says when it has begun.
final class MapStreamReader: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload

    /// Longest text of a refusal that is kept, in bytes.
    private static let refusalLimit = 4096

    private let session: MapSession
    private let started: EventLoopPromise<Void>
    private var status = 0
    private var refusal = ByteBuffer()

    init(session: MapSession, started: EventLoopPromise<Void>) {
        self.session = session
        self.started = started
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .headers(let frame):
            status = frame.headers.first(name: ":status").flatMap { Int($0) } ?? status
            if status == 200 { started.succeed(()) }
            if frame.endStream { ended() }
        case .data(let frame):
            guard case .byteBuffer(let bytes) = frame.data else { return }
            if status == 200 {
                session.received(bytes)
            } else if refusal.readableBytes < Self.refusalLimit {
                refusal.writeImmutableBuffer(bytes)
            }
            if frame.endStream { ended() }
        case .rstStream(let code):
            session.ended(.reset("\(code)"))
        default: break
        }
    }

    private func ended() {
        started.fail(SimulatedClientError.status(status, text: String(buffer: refusal)))
        session.ended(.endStream)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        started.fail(error)
        session.ended(.reset("\(error)"))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closed()
    }

    private func closed() {
        started.fail(SimulatedClientError.closed(during: "map stream"))
        session.ended(.connectionClosed)
    }
}
