import Bus
import BusInProcess
import ControlModel
import DNSService
import Foundation
import IPAddresses
import Logging
import NIOCore
import NIOPosix
import PolicyService
import RegistryService
import ServiceKit
import ServiceLifecycle
import Storage
import StorageSQLite
import Synchronization
import TestKit

@testable import ControlGatewayService

/// All services of the all-in-one shape, from one start to its end.
struct RunningServices: Sendable {
    let bus = InProcessBus()
    private let gateway: ControlGatewayService
    private let listener: Listener
    private let group: ServiceGroup
    private let ending = Ending()

    private final class Ending: Sendable {
        let isOver = Mutex(false)
    }

    init(_ options: LocalSystem.Options, directory: String, port: Int, time: SystemTime) throws {
        let logger = Logger(label: "scenario") { _ in SwiftLogNoOpLogHandler() }
        let now: @Sendable () -> Date = { time.now }
        let threads = MultiThreadedEventLoopGroup.singleton
        var registryConfiguration = RegistryService.Configuration(masterKey: .file(directory + "/master.key"))
        // Scenarios move time on in steps as long as they like.
        registryConfiguration.presencePatience = .seconds(86400)
        registryConfiguration.offlineGrace = LocalSystem.offlineGrace
        registryConfiguration.gatewayLease = options.gatewayLease
        registryConfiguration.statusDelay = options.statusDelay
        registryConfiguration.keyLifetime = options.keyLifetime
        registryConfiguration.loginLimits = options.loginLimits
        let store = try SQLiteStore(path: directory + "/registry.db")
        let registry = RegistryService(
            configuration: registryConfiguration,
            dependencies: .init(
                store: store,
                logins: store,
                bus: bus,
                logger: logger,
                clock: FastClock(),
                now: now,
                uptime: { time.uptime }
            )
        )
        let dns = DNSService(
            configuration: try .init(
                settings: DNSSettings(isMagicDNSEnabled: true, baseDomain: LocalSystem.baseDomain),
                revision: 1
            ),
            bus: bus,
            logger: logger
        )
        var gatewayConfiguration = ControlGatewayConfiguration(
            serverURL: "http://127.0.0.1",
            instance: UUID().uuidString,
            derpRegions: [LocalSystem.region],
            addressPrefixes: [registryConfiguration.ipv4Prefix, registryConfiguration.ipv6Prefix].compactMap(\.self),
            version: "0.0.0-test"
        )
        gatewayConfiguration.provider = options.provider
        gatewayConfiguration.isTaildropEnabled = options.isTaildropEnabled
        gatewayConfiguration.loginPatience = options.loginPatience
        gatewayConfiguration.loginRecheck = options.loginRecheck
        gateway = ControlGatewayService(
            configuration: gatewayConfiguration,
            dependencies: .init(
                bus: options.gatewayBus(bus),
                eventLoopGroup: threads,
                now: now,
                logger: logger
            )
        )
        var surface = HTTPSurface()
        gateway.register(on: &surface)
        var configuration = ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: port))
        configuration.limits.shutdownTimeout = .milliseconds(20)
        listener = Listener(
            name: "public",
            configuration: configuration,
            surface: surface,
            eventLoopGroup: threads,
            logger: logger
        )
        let policy = PolicyService(
            configuration: .init(),
            dependencies: .init(store: store, bus: bus, logger: logger, now: now)
        )
        let services: [any Service] = [registry, policy, dns, gateway, listener]
        group = ServiceGroup(
            configuration: .init(services: services.map { .init(service: $0) }, logger: logger)
        )
    }

    func heldRequests(for login: LoginID) -> Int { gateway.heldRequests(for: login) }

    /// Runs until ``stop()``, or until a service fails.
    func run() async throws {
        defer { ending.isOver.withLock { $0 = true } }
        try await group.run()
    }

    /// Waits until clients can come in; the port they use.
    func untilReady() async throws -> Int {
        let address = try await listener.boundAddress()
        try await eventually("the gateway is ready") { gateway.isReady }
        return address.port ?? 0
    }

    /// Stops in good order, and waits for the end.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await eventually("the services have ended") { ending.isOver.withLock { $0 } }
    }
}
