import Logging
import NIOCore

/// Takes the header of a balancer off the front of a connection, tells whose connection it is, and leaves.
final class ProxyHeaderReader: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// For the handlers behind this one, before the first byte.
    struct Client: Sendable {
        var address: SocketAddress
    }

    private let logger: Logger
    private var bytes = ByteBuffer()

    init(logger: Logger) {
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = Self.unwrapInboundIn(data)
        bytes.writeBuffer(&part)
        do {
            switch try ProxyHeader.read(&bytes) {
            case .incomplete: return
            case .none, .anonymous: break
            case .client(let address): context.fireUserInboundEventTriggered(Client(address: address))
            }
        } catch {
            logger.notice("a balancer's header cannot be read", metadata: [LogKey.error: "\(error)"])
            context.close(promise: nil)
            return
        }
        if bytes.readableBytes > 0 { context.fireChannelRead(Self.wrapInboundOut(bytes)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
