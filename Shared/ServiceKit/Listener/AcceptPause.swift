import Logging
import NIOCore

/// Waits a moment after a failed accept (file descriptors used up) instead of failing in a loop.
final class AcceptPause: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    static let pause = TimeAmount.milliseconds(100)

    private let logger: Logger
    private var isPaused = false
    private var heldRead = false

    init(logger: Logger) {
        self.logger = logger
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { heldRead = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError else {
            context.fireErrorCaught(error)
            return
        }
        guard !isPaused else { return }
        isPaused = true
        logger.warning("accepting a connection failed", metadata: [LogKey.error: "\(error)"])
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
            self.isPaused = false
            if self.heldRead {
                self.heldRead = false
                context.read()
            }
        }
    }
}
