import Bus
import ControlGatewayService
import ControlModel
import Foundation
import IPAddresses
import OpenIDConnect
import RegistryService
import Storage
import TestKit

/// A whole system of the ``Shape`` that the scenario runs in, its services in this process.
///
/// It lives for the scope of ``run(_:_:)``. Its time can be moved on; its services can be stopped and started again on the same
/// data and ports.
actor LocalSystem {
    /// What scenarios differ in.
    struct Options: Sendable {
        /// How long node keys of users last; `nil` for ever.
        var keyLifetime: Duration?
        /// Which devices need approval.
        var deviceApproval = DeviceApproval()
        /// Long, so that a test may move time on without gateways seeming to be gone.
        var gatewayLease = Duration.seconds(3600)
        /// Where nodes get addresses from; `nil`: none of that family.
        var ipv4Prefix = IPPrefix("100.64.0.0/10")
        var ipv6Prefix = IPPrefix("fd7a:115c:a1e0::/48")
        /// How long each report waits for others, on the fast clock.
        var statusGathering = Duration.zero
        var loginLimits = PendingLoginLimits()
        /// How long a client that waits for its login is held.
        var loginPatience = Duration.seconds(100)
        /// How often a held request looks again by itself.
        var loginRecheck = Duration.seconds(20)
        var isTaildropEnabled = true
        /// What clients are told of newer releases; `nil`: nothing.
        var clientReleases: ClientReleases?
        /// What a file of extra DNS records says at first; `nil`: there is none.
        var extraRecords: String?
        /// What clients call the tailnet; `nil`: its domain.
        var tailnetName: String?
        /// Through which people log in; none: an administrator lets devices in.
        var providers: [OIDCSettings] = []
        /// Whether the gateway ends when a provider does not answer at its start.
        var startsOnlyWithProviders = false
        /// How providers are reached.
        var providerTransport: any ProviderTransport = HTTPProviderTransport()
        /// What clients and browsers call the server.
        var serverURL = "http://127.0.0.1"
        /// How routers are asked whether they answer; `nil`: not at all.
        var routerProbing: RouterProbing?
        /// Whether clients are asked for serial numbers and hardware addresses.
        var collectsPostureIdentity = false
        /// The bus as each gateway has it.
        var gatewayBus: @Sendable (any Bus) -> any Bus = { $0 }
    }

    static let baseDomain = "tailnet.test"
    static let offlineGrace = Duration.seconds(10)
    /// The relay that clients are told of; nothing listens there.
    static let region = DERPRegion(
        id: 901,
        code: "test",
        name: "Test",
        nodes: [DERPNode(name: "901a", hostName: "derp.test")]
    )

    nonisolated let time = SystemTime()
    private var options: Options
    private let surroundings: Surroundings
    private let starts: AsyncStream<RunningServices>.Continuation
    private var running: RunningServices?
    private var ports: [Int]
    private var turn = 0
    private var sharedKey: String?

    private init(
        _ options: Options,
        on surroundings: Surroundings,
        _ starts: AsyncStream<RunningServices>.Continuation
    ) {
        self.options = options
        self.surroundings = surroundings
        self.starts = starts
        ports = Array(repeating: 0, count: surroundings.replicas)
    }

    /// Starts a system, runs `body`, and stops it.
    static func run(_ options: Options = Options(), _ body: (LocalSystem) async throws -> Void) async throws {
        let (queue, starts) = AsyncStream.makeStream(of: RunningServices.self)
        let system = LocalSystem(options, on: try await Surroundings(Shape.current), starts)
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await services in queue { try await services.run() }
            }
            do {
                try await system.start()
                try await body(system)
                try await system.stop()
            } catch {
                try? await system.stop()
                starts.finish()
                // What a service failed with says more than what that did to the scenario.
                try await group.waitForAll()
                throw error
            }
            starts.finish()
            try await group.waitForAll()
        }
    }

    /// Starts the services, on the ports they had before.
    func start() async throws {
        let services = try await RunningServices(options, on: surroundings, ports: ports, time: time)
        running = services
        starts.yield(services)
        ports = try await services.untilReady()
    }

    func stop() async throws {
        try await running?.stop()
        running = nil
    }

    /// Starts again with other options.
    func restart(_ change: @Sendable (inout Options) -> Void) async throws {
        try await stop()
        change(&options)
        try await start()
    }

    func restart() async throws {
        try await stop()
        try await start()
    }

    /// Of a gateway; each time of the next one.
    var address: ServerAddress {
        turn += 1
        return ServerAddress(port: ports[turn % ports.count])
    }

    /// Asks a service over the bus.
    func ask<Request: BusRequest>(_ request: Request) async throws -> Request.Response {
        guard let running else { throw CancellationError() }
        return try await running.bus.request(request, tailnet: .default)
    }

    /// Requests that a gateway holds for the login at an address.
    func heldRequests(_ authURL: String) throws -> Int {
        guard let running, let login = LoginID(endOf: authURL) else { throw CancellationError() }
        return running.heldRequests(for: login)
    }

    /// Waits until all gateways have heard of the map streams that opened so far: a client that moves takes longer than that.
    func untilStreamsAreKnown() async throws {
        guard let running else { throw CancellationError() }
        try await eventually("all gateways have heard of the streams") { await running.haveHeardOfStreams }
    }

    /// Where the file of extra DNS records is.
    nonisolated var extraRecordsPath: String { surroundings.directory.path(Parts.extraRecordsName) }

    /// Publishes a policy, as the policy service does when an administrator sets one.
    func publish(_ revision: Int, _ policy: String?) async throws {
        try await running?.bus.publish(PolicyPublished(revision: revision, text: policy), tailnet: .default)
    }

    /// Sets a policy as an administrator does.
    func setPolicy(_ text: String) async throws {
        var faults: [PolicyFaultReport] = []
        try await eventually("the policy service takes policies") {
            do {
                faults = try await ask(SetPolicy(text: text, author: "test")).faults
                return true
            } catch BusError.refused(let failure) where failure.reason == .unavailable {
                return false
            }
        }
        guard faults.isEmpty else { throw RequestFailure(.invalid, "\(faults)") }
    }

    /// A reusable key of the user `alice`, who is created with it.
    func key() async throws -> String {
        if let sharedKey { return sharedKey }
        let user = try await createUser("alice")
        let key = try await createKey(of: user, isReusable: true)
        sharedKey = key
        return key
    }
}
