import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

@testable import ServiceKit

/// A listener on a free port for the length of a test.
struct RunningListener: Sendable {
    let address: SocketAddress
    let group: ServiceGroup

    var port: Int { address.port ?? 0 }

    /// Stops it gracefully; the scope then waits until it is down.
    func stop() async {
        await group.triggerGracefulShutdown()
    }

    func client(_ transport: Transport, alpn: [String] = [], preface: [UInt8] = []) async throws -> RawClient {
        try await RawClient.connect(
            to: address,
            tls: transport == .tls ? TestCertificate.clientContext(alpn: alpn) : nil,
            preface: preface
        )
    }
}

/// Runs `body` against a listener of `surface` and stops it afterwards.
func withListener<Value: Sendable>(
    _ surface: HTTPSurface,
    address: ListenerAddress = .tcp(host: "127.0.0.1", port: 0),
    tls: Bool = true,
    limits: ListenerLimits = ListenerLimits(),
    logger: Logger = .silent,
    configure: (inout ListenerConfiguration) -> Void = { _ in },
    _ body: sending @escaping (RunningListener) async throws -> Value
) async throws -> Value {
    var configuration = ListenerConfiguration(
        address: address,
        tls: tls ? try TestCertificate.serverTLS() : nil,
        limits: limits
    )
    configure(&configuration)
    let listener = Listener(
        name: "test",
        configuration: configuration,
        surface: surface,
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        logger: logger
    )
    let services = ServiceGroup(
        services: [listener],
        gracefulShutdownSignals: [],
        cancellationSignals: [],
        logger: .silent
    )
    async let run: Void = services.run()
    do {
        let value = try await body(RunningListener(address: try await listener.boundAddress(), group: services))
        await services.triggerGracefulShutdown()
        try await run
        return value
    } catch {
        await services.triggerGracefulShutdown()
        try? await run
        throw error
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension ListenerLimits {
    static func changed(_ change: (inout ListenerLimits) -> Void) -> ListenerLimits {
        var limits = ListenerLimits()
        change(&limits)
        return limits
    }
}
