import HTTPTypes
import Hummingbird
import IPAddresses
public import Logging
public import NIOCore
import NIOHTTP1

/// What all connections of a listener share: the routes, the upgrades, the limits.
///
/// A ``Listener`` has one; alone it serves connections that somebody else accepted.
public final class SurfaceServer: Sendable {
    let limits: ListenerLimits
    let logger: Logger
    let upgrades: [any UpgradeHandler]
    private let upgradePaths: Set<String>
    private let responder: RouterResponder<SurfaceContext>
    private let requestLogLevel: Logger.Level
    private let proxies: ProxyTrust
    private let balancers: [IPPrefix]
    private let isLocalSocket: Bool
    private let longBodyPlaces: LongBodyPlaces

    private let tls: ServerTLS?

    /// Of `configuration`, what is about accepting connections is not used; of its address only the kind is.
    public init(surface: HTTPSurface, configuration: ListenerConfiguration, logger: Logger) {
        tls = configuration.tls
        limits = configuration.limits
        longBodyPlaces = LongBodyPlaces(configuration.limits.longBodies?.count ?? 0)
        self.logger = logger
        upgrades = surface.upgrades
        upgradePaths = surface.upgrades.reduce(into: []) { $0.formUnion($1.paths) }
        responder = surface.router.buildResponder()
        requestLogLevel = configuration.requestLogLevel
        proxies = ProxyTrust(trusted: configuration.trustedProxies)
        balancers = configuration.balancers
        isLocalSocket = if case .unixSocket = configuration.address { true } else { false }
    }

    /// Serves a new connection, whose pipeline carries bytes; called on its event loop.
    public func install(on channel: any Channel) throws {
        let sync = channel.pipeline.syncOperations
        try sync.addHandler(HardClose())
        if !balancers.isEmpty, let peer = channel.remoteAddress?.ipAddress.flatMap({ IPAddress($0)?.unmapped }),
            balancers.contains(where: { $0.contains(peer) })
        {
            try sync.addHandler(ProxyHeaderReader(logger: logger))
        }
        try sync.addHandler(TransportDetector(tls: tls, server: self))
    }

    func connection(of peer: SocketAddress?, isTLS: Bool, headers: HTTPHeaders) -> ConnectionInfo {
        guard !isLocalSocket else {
            return ConnectionInfo(remoteAddress: nil, isTLS: isTLS, isLocalSocket: true)
        }
        let client = peer.map { proxies.client(peer: $0, headers: headers) }
        return ConnectionInfo(remoteAddress: client, isTLS: isTLS, isLocalSocket: false)
    }

    /// The upgrade handlers' decision; `.notMine` for requests that do not ask.
    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision {
        let isUpgradePath = upgradePaths.contains(String(RequestTarget.path(of: head.uri)))
        guard isUpgradePath || head.headers.contains(name: "upgrade") else { return .notMine }
        for handler in upgrades {
            switch handler.decide(head, connection: connection) {
            case .notMine: continue
            case .refuse(let status, let reason): return .refuse(status, reason: reason)
            case .accept(let acceptance): return .accept(acceptance)
            }
        }
        return .notMine
    }

    /// Whether a request's body is taken in.
    enum Admission {
        case collect(RequestCollector)
        case refuse(HTTPResponseStatus)
    }

    func admit(_ head: HTTPRequestHead) -> Admission {
        let short = RequestCollector(head: head, bodyLimit: limits.bodyLength)
        let hasNoLength = head.headers.contains(name: "transfer-encoding")
        guard let long = limits.longBodies, short == nil || hasNoLength,
            long.include(RequestTarget.path(of: head.uri))
        else { return short.map(Admission.collect) ?? .refuse(.payloadTooLarge) }
        guard RequestCollector(head: head, bodyLimit: long.bodyLength) != nil else { return .refuse(.payloadTooLarge) }
        guard let place = longBodyPlaces.take(),
            let collector = RequestCollector(head: head, bodyLimit: long.bodyLength, place: place)
        else { return .refuse(.serviceUnavailable) }
        return .collect(collector)
    }

    /// Runs one request through the router and sends its response.
    func respond(
        to head: HTTPRequestHead,
        body: ByteBuffer,
        connection: ConnectionInfo,
        id: String,
        through sink: ResponseSink
    ) async {
        var logger = logger
        logger[metadataKey: LogKey.requestID] = "\(id)"
        var response = await route(head, body: body, connection: connection, id: id, logger: logger)
        guard !Task.isCancelled else { return }
        response.headers.addSecurityDefaults()
        response.headers[.requestID] = id
        log(head, status: response.status.code, of: connection, to: logger)
        do {
            try await sink.send(.head(response.head.nioHead(version: head.version)))
            try await response.body.write(ResponseSinkWriter(sink: sink))
            sink.endUnlessEnded()
        } catch {
            if !Task.isCancelled {
                logger.debug("sending a response failed", metadata: [LogKey.error: "\(error)"])
            }
            sink.abort()
        }
    }

    func log(_ head: HTTPRequestHead, status: Int, of connection: ConnectionInfo, to logger: Logger) {
        var metadata: Logger.Metadata = [
            LogKey.method: "\(head.method.rawValue)",
            LogKey.path: "\(RequestTarget.path(of: head.uri).prefix(256))",
            LogKey.status: "\(status)",
        ]
        if let address = connection.remoteAddress?.ipAddress { metadata[LogKey.address] = "\(address)" }
        logger.log(level: requestLogLevel, "request", metadata: metadata)
    }

    private func route(
        _ head: HTTPRequestHead,
        body: ByteBuffer,
        connection: ConnectionInfo,
        id: String,
        logger: Logger
    ) async -> Response {
        guard let httpRequest = HTTPRequest(head, isTLS: connection.isTLS) else { return Response(status: .badRequest) }
        let request = Request(head: httpRequest, body: RequestBody(buffer: body))
        let context = SurfaceContext(source: SurfaceContextSource(logger: logger, connection: connection, id: id))
        do {
            return try await responder.respond(to: request, context: context)
        } catch let error as any HTTPResponseError {
            return (try? error.response(from: request, context: context)) ?? Response(status: error.status)
        } catch {
            if !Task.isCancelled { logger.error("a request failed", metadata: [LogKey.error: "\(error)"]) }
            return Response(
                status: .internalServerError,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: "internal error\n"))
            )
        }
    }
}
