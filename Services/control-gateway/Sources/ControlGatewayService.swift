import Bus
package import ControlModel
import Foundation
import Keys
import Logging
import NIOCore
import OpenIDConnect
public import ServiceKit
public import ServiceLifecycle

/// Clients' way in: Noise sessions, map streams, the public HTTP surface and the admin API.
///
/// It owns nothing: its copies of users, nodes, policy, DNS settings and relays are rebuilt at start.
public struct ControlGatewayService: Service {
    private let configuration: ControlGatewayConfiguration
    private let dependencies: ControlGatewayDependencies
    private let engine: NetmapEngine
    private let presence: PresenceReporter
    private let streams: StreamAnnouncer
    private let reports: ReportKeeper
    private let noise: NoiseUpgrade
    private let pings: PingAnswers
    private let pinger: Pinger
    private let asker: ClientAsker
    private let posture: PostureCollector?
    private let readiness: GatewayReadiness
    private let loginWaits = LoginWaits()
    private let pages = LoginPages()
    private let providerLogin: ProviderLogin?
    private let untilRelaysAreKnown: AsyncStream<Never>
    private let relaysAreKnown: AsyncStream<Never>.Continuation
    private let untilPolicyIsKnown: AsyncStream<Never>
    private let policyIsKnown: AsyncStream<Never>.Continuation

    public init(configuration: ControlGatewayConfiguration, dependencies: ControlGatewayDependencies) {
        self.configuration = configuration
        self.dependencies = dependencies
        let (bus, tailnet, logger) = (dependencies.bus, configuration.tailnet, dependencies.logger)
        readiness = GatewayReadiness()
        let providers = configuration.providers.map { OIDCProvider($0, transport: dependencies.providerTransport) }
        providerLogin =
            providers.isEmpty
            ? nil
            : ProviderLogin(
                bus: bus,
                configuration: configuration,
                providers: providers,
                pages: pages,
                now: dependencies.now,
                logger: logger
            )
        (untilRelaysAreKnown, relaysAreKnown) = AsyncStream.makeStream(of: Never.self)
        (untilPolicyIsKnown, policyIsKnown) = AsyncStream.makeStream(of: Never.self)
        streams = StreamAnnouncer(
            bus: bus,
            tailnet: tailnet,
            gateway: configuration.instance,
            clock: dependencies.clock,
            logger: logger
        )
        var formats = NodeFormats(
            isLogUploadAllowed: configuration.isLogUploadAllowed,
            addressPrefixes: configuration.addressPrefixes,
            isTaildropEnabled: configuration.isTaildropEnabled,
            tailnetName: configuration.tailnetName
        )
        formats.clientReleases = configuration.clientReleases
        engine = NetmapEngine(
            loop: dependencies.eventLoopGroup.next(),
            formats: formats,
            gateway: configuration.instance,
            announcer: streams,
            now: dependencies.now
        )
        presence = PresenceReporter(bus: bus, tailnet: tailnet, gateway: configuration.instance, logger: logger)
        pings = PingAnswers(desk: PingDesk(), bus: bus, tailnet: tailnet, logger: logger)
        pinger = Pinger(
            desk: pings.desk,
            engine: engine,
            bus: bus,
            tailnet: tailnet,
            serverURL: configuration.serverURL,
            gateway: configuration.instance,
            clock: dependencies.clock,
            logger: logger
        )
        asker = ClientAsker(
            desk: ClientDesk(),
            engine: engine,
            bus: bus,
            tailnet: tailnet,
            serverURL: configuration.serverURL,
            gateway: configuration.instance,
            clock: dependencies.clock,
            now: dependencies.now,
            logger: logger
        )
        posture = configuration.collectsPostureIdentity ? PostureCollector(asker: asker, logger: logger) : nil
        let map = MapHandler(
            bus: bus,
            tailnet: tailnet,
            engine: engine,
            presence: presence,
            posture: posture?.queue,
            logger: logger
        )
        reports = ReportKeeper(
            bus: bus,
            tailnet: tailnet,
            engine: engine,
            ledger: map.reports,
            presence: presence,
            logger: logger
        )
        let router = MachineRouter(
            register: RegisterHandler(
                bus: bus,
                configuration: configuration,
                engine: engine,
                waits: loginWaits,
                logger: logger
            ),
            map: map,
            pings: pings,
            answers: ClientAnswerHandler(
                desk: asker.desk,
                bus: bus,
                tailnet: tailnet,
                clock: dependencies.clock,
                logger: logger
            ),
            ssh: SSHActionHandler(
                bus: bus,
                configuration: configuration,
                engine: engine,
                waits: loginWaits,
                now: dependencies.now,
                logger: logger
            ),
            sshEvents: SSHEventHandler(callers: map.callers, logger: logger),
            tokens: IDTokenHandler(
                bus: bus,
                configuration: configuration,
                engine: engine,
                callers: map.callers,
                logger: logger
            ),
            features: FeatureHandler(callers: map.callers),
            audit: AuditLogHandler(bus: bus, tailnet: tailnet, callers: map.callers, logger: logger),
            logger: logger
        )
        noise = NoiseUpgrade(router: router, logger: logger)
    }

    /// Registers the gateway's routes and its upgrade.
    public func register(on surface: inout HTTPSurface) {
        surface.upgrades.append(noise)
        PublicRoutes(
            noise: noise,
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            version: configuration.version
        ).register(on: surface.router)
        LoginRoutes(
            bus: dependencies.bus,
            configuration: configuration,
            pages: pages,
            provider: providerLogin
        ).register(on: surface.router)
        providerLogin?.register(on: surface.router)
        pings.register(on: surface.router)
        TokenKeyRoutes(
            bus: dependencies.bus,
            configuration: configuration,
            logger: dependencies.logger
        ).register(on: surface.router)
        VerifyRoute(
            engine: engine,
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            now: dependencies.now
        ).register(on: surface.router)
        SetupRoutes(serverURL: configuration.serverURL, pages: pages).register(on: surface.router)
    }

    /// How the admin API asks clients.
    public var clients: ClientQuestions { ClientQuestions(asker: asker, pinger: pinger) }

    /// Whether all copies are there; clients are refused before that.
    public var isReady: Bool { readiness.isReady }

    /// Requests that are held here for a login.
    func heldRequests(for login: LoginID) -> Int { loginWaits.count(of: login) }

    /// The highest number of a map stream that this gateway has heard of or given.
    var highestStream: Int64 {
        get async { await engine.onLoop { $0.order.highest } }
    }

    /// The tailnet's version that the copy of users and nodes shows.
    package var replicaVersion: Version {
        get async { await engine.replicaVersion() }
    }

    public func run() async throws {
        if configuration.startsOnlyWithProviders { try await providerLogin?.requireProviders() }
        engine.start()
        defer { engine.stop() }
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup { group in
                group.addTask { try await followRegistry() }
                group.addTask { try await followPolicy() }
                group.addTask { try await followDNS() }
                group.addTask { try await followRelays() }
                group.addTask { try await followLogins() }
                group.addTask { await presence.run() }
                group.addTask { await streams.run() }
                group.addTask { try await followStreams() }
                group.addTask { await reports.run() }
                group.addTask { try await pings.follow() }
                group.addTask { try await pinger.follow() }
                group.addTask { try await asker.follow() }
                group.addTask { await prober.run() }
                if let posture { group.addTask { await posture.run() } }
                // Not `waitForAll`: that would wait for the others after one has failed.
                for try await _ in group {}
            }
        }
        await presence.reportLeaving()
    }

    private var prober: RouterProber {
        RouterProber(pinger: pinger, probing: configuration.routerProbing, logger: dependencies.logger)
    }

    /// Users and nodes, then the Noise key: from then on clients can come in.
    private func followRegistry() async throws {
        let follower = ChangeFollower(
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            logger: dependencies.logger
        )
        try await follower.run(ReplicaCopy(engine: engine)) {
            // Nobody comes in before it is known what they may do.
            for await _ in untilPolicyIsKnown {}
            for await _ in untilRelaysAreKnown {}
            try await Retry.untilDone(dependencies.logger, "server key") {
                let answer = try await dependencies.bus.request(FetchServerKey(), tailnet: configuration.tailnet)
                guard let key = MachinePrivateKey(answer.noiseKey) else {
                    throw RequestFailure(.internalError, "the registry's Noise key is malformed")
                }
                noise.set(key)
            }
            readiness.done(.registry)
        }
    }

    private func followPolicy() async throws {
        let follower = PolicyFollower(
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            engine: engine,
            logger: dependencies.logger
        )
        try await follower.run {
            readiness.done(.policy)
            policyIsKnown.finish()
        }
    }

    private func followDNS() async throws {
        let (bus, tailnet) = (dependencies.bus, configuration.tailnet)
        let follower = LevelFollower<DNSSettingsPublished>(
            bus: bus,
            tailnet: tailnet,
            subject: "DNS settings",
            logger: dependencies.logger,
            fetch: { try await bus.request(FetchDNSSettings(), tailnet: tailnet) },
            revision: { $0.revision },
            take: { [engine] in engine.set(dns: $0.settings) }
        )
        try await follower.run { readiness.done(.dns) }
    }

    /// Wakes the requests that are held for logins.
    private func followLogins() async throws {
        let events = try await dependencies.bus.events(LoginDecided.self, tailnet: configuration.tailnet)
        for await event in events { loginWaits.decided(event.login) }
    }

    /// Ends streams whose nodes have gone to other gateways.
    private func followStreams() async throws {
        let events = try await dependencies.bus.events(StreamsOpened.self, tailnet: configuration.tailnet)
        for await event in events { engine.streamsOpened(event) }
    }

    private func followRelays() async throws {
        let follower = RelayFollower(
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            engine: engine,
            configured: configuration.derpRegions,
            logger: dependencies.logger
        )
        try await follower.run { relaysAreKnown.finish() }
    }
}
