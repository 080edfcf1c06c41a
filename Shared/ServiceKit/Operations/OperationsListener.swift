import HTTPTypes
import Hummingbird
public import Logging
public import NIOCore
public import ServiceLifecycle

/// The private listener of a service: `/healthz`, `/readyz` and `/metrics`.
///
/// - `/healthz`: 200 while the process can answer.
/// - `/readyz`: 200, or 503 with the names of the failing checks: `{"failing":["storage"]}`. A service that is ready names what it
///   does without: `{"failing":[],"missing":["bus"]}`.
/// - `/metrics`: Prometheus text, format 0.0.4.
public final class OperationsListener: Service {
    private let listener: Listener

    /// Requests are logged at debug whatever `configuration` says: a scraper asks every few seconds.
    public init(
        configuration: ListenerConfiguration,
        checks: ReadinessChecks,
        metrics: MetricsRegistry,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        var configuration = configuration
        configuration.requestLogLevel = .debug
        listener = Listener(
            name: "operations",
            configuration: configuration,
            surface: Self.surface(checks: checks, metrics: metrics),
            eventLoopGroup: eventLoopGroup,
            logger: logger
        )
    }

    public func run() async throws {
        try await listener.run()
    }

    /// As ``Listener/boundAddress()``.
    public func boundAddress() async throws -> SocketAddress {
        try await listener.boundAddress()
    }

    private static func surface(checks: ReadinessChecks, metrics: MetricsRegistry) -> HTTPSurface {
        let surface = HTTPSurface()
        surface.router.get("/healthz") { _, _ in text("ok\n", type: "text/plain; charset=utf-8") }
        surface.router.get("/readyz") { _, _ in
            let state = await checks.state()
            return text(
                json(state),
                type: "application/json",
                status: state.failing.isEmpty ? .ok : .serviceUnavailable
            )
        }
        surface.router.get("/metrics") { _, _ in
            text(metrics.prometheusText(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return surface
    }

    private static func json(_ state: ReadinessChecks.State) -> String {
        let list = { (names: [String]) in names.map { JSONText.quoted($0) }.joined(separator: ",") }
        let missing = state.missing.isEmpty ? "" : ",\"missing\":[\(list(state.missing))]"
        return "{\"failing\":[\(list(state.failing))]\(missing)}\n"
    }

    private static func text(_ text: String, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
