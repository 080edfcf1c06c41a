public import Logging
public import NIOCore
import NIOPosix
public import ServiceLifecycle

/// Binds one address and serves an ``HTTPSurface`` on it until it is told to stop.
///
/// At a graceful stop it accepts no more, lets requests in progress finish, tells upgraded streams by
/// `ChannelShouldQuiesceEvent`, and after `limits.shutdownTimeout` closes what is left.
public final class Listener: Service {
    private let name: String
    private let configuration: ListenerConfiguration
    private let group: any EventLoopGroup
    private let logger: Logger
    private let connections: OpenConnections
    private let server: SurfaceServer
    private let bound: EventLoopPromise<SocketAddress>

    /// Routes and upgrades added to `surface` later are not served.
    public init(
        name: String,
        configuration: ListenerConfiguration,
        surface: HTTPSurface,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        self.name = name
        self.configuration = configuration
        self.group = eventLoopGroup
        self.logger = logger
        connections = OpenConnections(limit: configuration.limits.connectionCount)
        server = SurfaceServer(surface: surface, configuration: configuration, logger: logger)
        bound = eventLoopGroup.any().makePromise()
    }

    deinit {
        // Without effect if run() completed it; a promise must not be left open.
        bound.fail(CancellationError())
    }

    /// Where it listens, with the real port; waits until it is bound, and throws ``ListenerError`` if that failed.
    public func boundAddress() async throws -> SocketAddress {
        try await bound.futureResult.get()
    }

    public func run() async throws {
        let channel: any Channel
        do {
            channel = try await bind()
            bound.succeed(try publicAddress(of: channel))
        } catch {
            let failure = ListenerError(error, at: configuration.address)
            bound.fail(failure)
            throw failure
        }
        logger.notice("listening", metadata: [LogKey.subject: "\(name)", LogKey.address: "\(address(of: channel))"])
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        await connections.drain(within: configuration.limits.shutdownTimeout, on: group.any())
        if case .unixSocket(let path, _) = configuration.address { UnixSocketFile(path: path).remove() }
        logger.notice("stopped listening", metadata: [LogKey.subject: "\(name)"])
    }

    private func bind() async throws -> any Channel {
        switch configuration.address {
        case .tcp(let host, let port):
            guard (0...65535).contains(port) else {
                throw ListenerError.badAddress(configuration.address, reason: "a port is a number from 0 to 65535")
            }
            let bootstrap = bootstrap()
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelOption(Self.userTimeoutOption, value: configuration.limits.unacknowledgedMilliseconds)
            if let inherited = configuration.inherited {
                return try await bootstrap.withBoundSocket(inherited.descriptor).get()
            }
            return try await bootstrap.bind(host: host, port: port).get()
        case .unixSocket(let path, let permissions):
            return try await UnixSocketFile(path: path).bind(
                bootstrap(),
                permissions: permissions,
                as: configuration.address,
                group: group
            )
        }
    }

    /// `TCP_USER_TIMEOUT`: a peer that vanished is noticed by the first bytes that it does not acknowledge.
    private static let userTimeoutOption = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 18))

    private func bootstrap() -> ServerBootstrap {
        let (server, connections, logger) = (server, connections, logger)
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause(logger: logger))
                }
            }
            // One read at a time, so that a busy connection stops reading after it.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard connections.add(channel) else { throw ChannelError.ioOnClosedChannel }
                    try server.install(on: channel)
                }
            }
    }

    private func publicAddress(of channel: any Channel) throws -> SocketAddress {
        switch configuration.address {
        case .unixSocket(let path, _): return try SocketAddress(unixDomainSocketPath: path)
        case .tcp:
            guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return address
        }
    }

    private func address(of channel: any Channel) -> ListenerAddress {
        guard case .tcp(let host, _) = configuration.address, let port = channel.localAddress?.port else {
            return configuration.address
        }
        return .tcp(host: host, port: port)
    }
}
