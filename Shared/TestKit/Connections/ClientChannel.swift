import NIOCore
public import NIOPosix
import NIOSSL

/// Opens the TCP connections of simulated clients, in TLS where the server wants it.
public enum ClientChannel {
    /// The threads of the clients that are made in a task: the same for all of a test process, unless it says otherwise.
    @TaskLocal public static var group: MultiThreadedEventLoopGroup = .singleton

    /// Connects; `install` adds the handlers of plain bytes, on the connection's event loop, before it is active.
    static func connect(
        to address: ServerAddress,
        install: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        try await ClientBootstrap(group: group)
            .connectTimeout(PatienceLimit.connect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if address.isTLS { try channel.pipeline.syncOperations.addHandler(tls()) }
                    try install(channel)
                }
            }
            .connect(host: address.host, port: address.port)
            .get()
    }

    private static func tls() throws -> NIOSSLClientHandler {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        return try NIOSSLClientHandler(context: NIOSSLContext(configuration: configuration), serverHostname: nil)
    }
}
