import NIOCore
import NIOPosix
import Synchronization

/// A way between two parts over TCP that a test can cut and mend: what stands behind it is cut off, and lives on.
public final class TCPRelay: Sendable {
    private struct State {
        var isCut = false
        var listener: (any Channel)?
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    private let target: Int
    private let state = Mutex(State())

    /// - Parameter target: a port on loopback that is relayed to.
    public init(to target: Int) async throws {
        self.target = target
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [weak self] channel in
                guard let self, !self.state.withLock({ $0.isCut }) else {
                    return channel.eventLoop.makeFailedFuture(ChannelError.inappropriateOperationForState)
                }
                return self.connect(channel)
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        state.withLock { $0.listener = listener }
    }

    deinit {
        cut()
        state.withLock { $0.listener }?.close(promise: nil)
    }

    /// Where it listens, on loopback.
    public var port: Int { state.withLock { $0.listener?.localAddress?.port } ?? 0 }

    /// Ends all connections and lets no further one come about.
    public func cut() {
        let open = state.withLock { state in
            state.isCut = true
            return Array(state.open.values)
        }
        for channel in open { channel.close(promise: nil) }
    }

    /// Lets connections come about again.
    public func mend() {
        state.withLock { $0.isCut = false }
    }

    private func connect(_ near: any Channel) -> EventLoopFuture<Void> {
        ClientBootstrap(group: near.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMap { far in
                // Both live on the loop of the accepted connection; nothing is read before each knows the other.
                near.eventLoop.makeCompletedFuture {
                    try near.pipeline.syncOperations.addHandler(RelayHandler(far))
                    try far.pipeline.syncOperations.addHandler(RelayHandler(near))
                    self.keep(near)
                    self.keep(far)
                }
                .flatMap { far.setOption(.autoRead, value: true) }
                .flatMap { near.setOption(.autoRead, value: true) }
            }
    }

    private func keep(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isCut = state.withLock { state in
            state.open[id] = channel
            return state.isCut
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.open[id] = nil }
        }
        if isCut { channel.close(promise: nil) }
    }
}

/// Hands what it reads to the other side, and ends with it.
private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(_ other: any Channel) {
        self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
