import NIOCore
import NIOEmbedded
import ServiceKit

/// A connection without a socket, whose clock the test moves.
///
/// `first` stands where the socket would be.
func testConnection(
    _ surface: HTTPSurface = testSurface(),
    tls: Bool = false,
    first: (any ChannelHandler & Sendable)? = nil
) async throws -> NIOAsyncTestingChannel {
    var configuration = ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
    if tls { configuration.tls = try TestCertificate.serverTLS() }
    let server = SurfaceServer(surface: surface, configuration: configuration, logger: .silent)
    let channel = NIOAsyncTestingChannel()
    try await channel.testingEventLoop.executeInContext {
        if let first { try channel.pipeline.syncOperations.addHandler(first) }
        try server.install(on: channel)
    }
    try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
    return channel
}
