import NIOCore
import NIOEmbedded

@testable import ServiceKit

/// A connection without a socket, whose clock the test moves.
///
/// `first` stands where the socket would be.
func testConnection(
    _ surface: HTTPSurface = testSurface(),
    tls: Bool = false,
    first: (any ChannelHandler & Sendable)? = nil
) async throws -> NIOAsyncTestingChannel {
    let configuration = ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
    let server = SurfaceServer(surface: surface, configuration: configuration, logger: .silent)
    let certificate = tls ? try TestCertificate.serverTLS() : nil
    let channel = NIOAsyncTestingChannel()
    try await channel.testingEventLoop.executeInContext {
        let sync = channel.pipeline.syncOperations
        if let first { try sync.addHandler(first) }
        try sync.addHandler(TransportDetector(tls: certificate, server: server))
    }
    try await channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).get()
    return channel
}
