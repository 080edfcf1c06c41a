import ControlModel
import Logging
public import ServiceKit
public import ServiceLifecycle
import Synchronization

/// The relay: packets between clients that have no direct path, STUN, and what clients ask of a relay over HTTP.
///
/// It serves on a listener of ServiceKit through ``register(on:)``, and admits nobody unknown before ``run()`` has begun.
public struct DERPService: Service {
    private let configuration: Configuration
    private let dependencies: Dependencies
    private let metrics = DERPMetrics()
    private let admission: DERPAdmission
    private let relay: DERPRelay
    private let readiness = DERPReadiness()

    /// Reads the key file, or makes it.
    public init(_ configuration: Configuration, dependencies: Dependencies) throws(DERPServiceError) {
        let key = try DERPKeyFile(path: configuration.keyFile).load()
        self.configuration = configuration
        self.dependencies = dependencies
        admission = DERPAdmission(
            isVerifying: configuration.verifyClients,
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            limits: configuration.limits,
            logger: dependencies.logger,
            now: dependencies.now
        )
        relay = DERPRelay(
            key: key,
            admission: admission,
            limits: configuration.limits,
            metrics: metrics,
            logger: dependencies.logger,
            randomness: dependencies.randomness
        )
    }

    /// Whether it has begun, and knows all nodes that it may admit.
    public var isReady: Bool {
        readiness.hasBegun && (!configuration.verifyClients || admission.known.withLock { $0.isComplete })
    }

    /// Adds the upgrade and the routes.
    public func register(on surface: inout HTTPSurface) {
        surface.upgrades.append(DERPUpgrade(relay: relay))
        ProbeRoutes.register(on: surface.router)
        BootstrapDNSRoute(
            hostName: configuration.hostName,
            addresses: [configuration.ipv4, configuration.ipv6].filter { !["", "none"].contains($0) },
            names: configuration.bootstrapNames
        ).register(on: surface.router)
    }

    /// Works until graceful shutdown, then says goodbye and disconnects the clients.
    public func run() async throws {
        readiness.begin()
        let stun = try await bindSTUN()
        try await withThrowingTaskGroup { group in
            group.addTask { try await announce(stunPort: stun?.port) }
            if let stun { group.addTask { try await cancelWhenGracefulShutdown { try await stun.run() } } }
            if configuration.verifyClients {
                group.addTask { await cancelWhenGracefulShutdown { await followRegistry() } }
                group.addTask { await cancelWhenGracefulShutdown { await admission.answerQuestions() } }
                group.addTask { await cancelWhenGracefulShutdown { await sweep() } }
            }
            // Not `waitForAll`: that would wait for the others after one has failed.
            for try await _ in group {}
        }
        relay.shutDown()
    }

    private func announce(stunPort: Int?) async throws {
        let port: Int
        do {
            port = try await cancelWhenGracefulShutdown { try await dependencies.derpPort() }
        } catch is CancellationError {
            // Stopped before the listener was bound: nobody was told of the relay.
            return
        }
        let announcer = Announcer(
            region: configuration.region(derpPort: port, stunPort: stunPort),
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            leavingTime: configuration.limits.leavingTime,
            clock: dependencies.clock,
            logger: dependencies.logger
        )
        await announcer.run()
    }

    private func followRegistry() async {
        await admission.follow(clock: dependencies.clock) { revoked in
            relay.disconnect(revoked ?? admission.revoked(among: relay.connectedKeys))
        }
    }

    /// Disconnects clients whose key expired meanwhile, and those that an event missed while they came in.
    private func sweep() async {
        while !Task.isCancelled {
            relay.disconnect(admission.revoked(among: relay.connectedKeys))
            // Cancellation is seen by the loop.
            try? await dependencies.clock.sleep(for: configuration.limits.admissionSweepInterval)
        }
    }

    private func bindSTUN() async throws(DERPServiceError) -> STUNServer? {
        guard let address = configuration.stun else { return nil }
        return try await STUNServer.bind(
            host: address.host,
            port: address.port,
            group: dependencies.eventLoopGroup,
            metrics: metrics
        )
    }
}

extension DERPService.Configuration {
    /// What is announced, once the ports are known.
    func region(derpPort: Int, stunPort: Int?) -> DERPRegion {
        let node = DERPNode(
            name: nodeName ?? "\(regionID)a",
            hostName: hostName,
            certName: certName,
            ipv4: ipv4,
            ipv6: ipv6,
            stunPort: stunPort ?? -1,
            derpPort: derpPort,
            canPort80: canPort80
        )
        return DERPRegion(id: regionID, code: regionCode, name: regionName, nodes: [node])
    }
}
