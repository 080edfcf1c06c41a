import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Looks at the first byte of a connection, installs TLS or plain HTTP for it, and leaves.
final class TransportDetector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The first byte of a TLS record that carries a handshake.
    private static let tlsHandshake: UInt8 = 0x16

    private let tls: ServerTLS?
    private let server: SurfaceServer
    private var timeout: Scheduled<Void>?
    /// Who a balancer says is at the other end of it.
    private var client: SocketAddress?

    init(tls: ServerTLS?, server: SurfaceServer) {
        self.tls = tls
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timeout = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(server.limits.firstByteTimeout)) {
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timeout?.cancel()
        timeout = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        do {
            switch (first, tls) {
            case (Self.tlsHandshake, nil):
                context.close(promise: nil)
                return
            case (Self.tlsHandshake, let tls?):
                try context.pipeline.syncOperations.addHandler(tls.makeHandler())
                try addFront(to: context.channel, isTLS: true)
            default:
                try addFront(to: context.channel, isTLS: false)
            }
        } catch {
            server.logger.error("setting up a connection failed", metadata: [LogKey.error: "\(error)"])
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        case let proxied as ProxyHeaderReader.Client:
            client = proxied.address
            return
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func addFront(to channel: any Channel, isTLS: Bool) throws {
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: server.limits.decoderLimits),
            maximumBufferSize: server.limits.decoderBufferLength
        )
        let front = HTTPFront(
            server: server,
            encoder: encoder,
            decoder: decoder,
            isTLS: isTLS,
            peer: client ?? channel.remoteAddress,
            loop: channel.eventLoop
        )
        try channel.pipeline.syncOperations.addHandlers([encoder, decoder, front])
    }
}

extension ListenerLimits {
    var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headLength
        limits.maxHeaderListSize = headLength
        limits.maxHeaderFieldCount = headerCount
        return limits
    }

    /// Bounds a request line without end; room beside it for what came early with an upgrade request.
    var decoderBufferLength: Int { headLength + (64 << 10) }
}
