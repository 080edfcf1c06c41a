public import Bus
public import ControlModel
public import Foundation
public import Hummingbird
public import Logging
public import ServiceKit

/// The admin API, version 1, under `/api/v1`.
///
/// Paths and bodies are headscale's; what answers is the registry and the policy service, over the bus. Errors are `application/problem+json`
/// (RFC 9457). Every path needs an API key, except over the local socket.
public struct AdminAPI: Sendable {
    static let root = "/api/v1"
    /// Longest request body, in bytes; beyond it 413.
    static let bodyLimit = 64 << 10
    /// Where longer bodies are taken, this path and what is below it.
    public static let policyPath = "/api/v1/policy"
    /// Longest request body there, in bytes: room for the longest policy as a JSON string, or for two to compare.
    public static let policyBodyLimit = 24 << 20

    private let bus: any Bus
    private let tailnet: TailnetID
    private let clients: ClientQuestions
    private let logger: Logger
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - clients: of the gateway in the same process.
    ///   - now: the wall clock.
    public init(
        bus: any Bus,
        tailnet: TailnetID,
        clients: ClientQuestions,
        logger: Logger,
        now: @escaping @Sendable () -> Date
    ) {
        self.bus = bus
        self.tailnet = tailnet
        self.clients = clients
        self.logger = logger
        self.now = now
    }

    /// Adds the routes; once a router.
    public func register(on router: Router<SurfaceContext>) {
        let group = router.group(RouterPath(stringLiteral: Self.root))
            .add(middleware: AdminProblemMiddleware(logger: logger))
            .add(middleware: AdminAuthentication(bus: bus, tailnet: tailnet, now: now))
        let registry = AdminRegistry(bus: bus, tailnet: tailnet)
        AdminHealthRoutes(registry: registry).register(on: group)
        AdminUserRoutes(registry: registry).register(on: group)
        AdminAuthKeyRoutes(registry: registry, now: now).register(on: group)
        AdminAPIKeyRoutes(registry: registry).register(on: group)
        let nodes = AdminNodeRoutes(registry: registry, now: now)
        nodes.register(on: group)
        AdminAddressRoutes(nodes: nodes).register(on: group)
        AdminAttributeRoutes(registry: registry).register(on: group)
        AdminC2NRoutes(registry: registry, clients: clients).register(on: group)
        AdminPingRoutes(registry: registry, clients: clients).register(on: group)
        AdminLoginRoutes(registry: registry).register(on: group)
        AdminPolicyRoutes(policy: AdminPolicy(bus: bus, tailnet: tailnet)).register(on: group)
        AdminAuditRoutes(registry: registry).register(on: group)
        AdminAbsentRoutes().register(on: group)
    }
}
