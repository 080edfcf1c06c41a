import NIOCore

/// Closes the socket without the courtesy of the handlers above it; the first handler of each connection.
///
/// A TLS handler answers a close by waiting for its peer, which a listener that stops cannot afford.
final class HardClose: ChannelOutboundHandler {
    typealias OutboundIn = Never

    struct Event: Sendable {}

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Event else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.close(promise: promise)
    }
}
