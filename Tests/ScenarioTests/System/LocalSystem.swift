import Bus
import BusInProcess
import ControlModel
import Foundation
import OpenIDConnect
import Storage
import TestKit

/// The whole all-in-one system in this process: services, in-process bus, SQLite in a directory of its own, one listener.
///
/// It lives for the scope of ``run(_:_:)``. Its time can be moved on; its services can be stopped and started again on the same
/// directory and port.
actor LocalSystem {
    /// What scenarios differ in.
    struct Options: Sendable {
        /// How long node keys of users last; `nil` for ever.
        var keyLifetime: Duration?
        /// Long, so that a test may move time on without gateways seeming to be gone.
        var gatewayLease = Duration.seconds(3600)
        /// How long reports wait for others, on the fast clock.
        var statusDelay = Duration.milliseconds(50)
        var loginLimits = PendingLoginLimits()
        /// How long a client that waits for its login is held.
        var loginPatience = Duration.seconds(100)
        /// How often a held request looks again by itself.
        var loginRecheck = Duration.seconds(20)
        var isTaildropEnabled = true
        /// Through which people log in; `nil`: an administrator lets devices in.
        var provider: OIDCSettings?
        /// The bus as the gateway has it.
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
    private let options: Options
    private let directory: TemporaryDirectory
    private let starts: AsyncStream<RunningServices>.Continuation
    private var running: RunningServices?
    private var port = 0
    private var sharedKey: String?

    private init(_ options: Options, _ starts: AsyncStream<RunningServices>.Continuation) throws {
        self.options = options
        self.starts = starts
        directory = try TemporaryDirectory()
    }

    /// Starts a system, runs `body`, and stops it.
    static func run(_ options: Options = Options(), _ body: (LocalSystem) async throws -> Void) async throws {
        let (queue, starts) = AsyncStream.makeStream(of: RunningServices.self)
        let system = try LocalSystem(options, starts)
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
                throw error
            }
            starts.finish()
            try await group.waitForAll()
        }
    }

    /// Starts the services, on the port they had before.
    func start() async throws {
        let services = try RunningServices(options, directory: directory.url.path, port: port, time: time)
        running = services
        starts.yield(services)
        port = try await services.untilReady()
    }

    func stop() async throws {
        try await running?.stop()
        running = nil
    }

    func restart() async throws {
        try await stop()
        try await start()
    }

    var address: ServerAddress { ServerAddress(port: port) }

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

    /// Publishes a policy, as the policy service does when an administrator sets one.
    func publish(_ revision: Int, _ policy: String?) async throws {
        try await running?.bus.publish(PolicyPublished(revision: revision, text: policy), tailnet: .default)
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
