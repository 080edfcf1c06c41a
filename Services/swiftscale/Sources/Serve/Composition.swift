import Bus
import BusInProcess
import ControlGatewayService
import ControlModel
import DERPService
import DNSService
import Foundation
import Logging
import NIOCore
import NIOPosix
import PolicyService
import RegistryService
import ServiceKit
import ServiceLifecycle
import StorageSQLite

/// All services in one process: the in-process bus, one SQLite file, one listener for all routes.
struct Composition {
    let gateway: ControlGatewayService
    /// Where clients connect.
    let listener: Listener
    /// In the order in which they start; they stop in the opposite one.
    let services: [any Service]

    /// Opens what the services need; nothing runs before ``services`` do.
    init(
        _ configuration: ServerConfiguration,
        metrics: MetricsRegistry,
        loggers: LoggerSource,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(CommandFailure) {
        try DataDirectory(path: configuration.data.directory).prepare()
        let bus = InProcessBus()
        let group = MultiThreadedEventLoopGroup.singleton
        let certificate = try ServerCertificate(configuration, now: now())

        var surface = HTTPSurface()
        gateway = Self.gateway(configuration, bus, group, loggers, now: now)
        gateway.register(on: &surface)
        AdminAPI(bus: bus, tailnet: .default, logger: loggers.logger("admin"), now: now).register(on: surface.router)

        // The relay tells clients its port, which is known when the listener is bound; the listener serves the relay's
        // routes, so it is made after it.
        let bound = group.any().makePromise(of: Int.self)
        var relay: DERPService?
        if configuration.derp.isEnabled {
            let made = try Self.relay(configuration, certificate, bus, bound.futureResult, loggers, now: now)
            made.register(on: &surface)
            relay = made
        }

        var clients = ListenerConfiguration(
            address: .tcp(host: configuration.listener.address.host, port: configuration.listener.address.port),
            tls: certificate.tls,
            trustedProxies: configuration.listener.trustedProxies
        )
        clients.inherited = InheritedSocket.tcp(
            environment: ProcessInfo.processInfo.environment,
            processID: Int(ProcessInfo.processInfo.processIdentifier)
        )
        listener = Listener(
            name: "clients",
            configuration: clients,
            surface: surface,
            eventLoopGroup: group,
            logger: loggers.logger("listener")
        )
        let socket = Listener(
            name: "local socket",
            configuration: ListenerConfiguration(
                address: .unixSocket(
                    path: configuration.data.socketPath,
                    permissions: UInt32(configuration.listener.socketPermission)
                )
            ),
            surface: surface,
            eventLoopGroup: group,
            logger: loggers.logger("listener")
        )
        let operations = Self.operations(configuration, gateway, bus, metrics, group, loggers)
        services =
            [
                try Self.registry(configuration, bus, loggers, now: now),
                PolicyService(configuration: .init(), bus: bus, logger: loggers.logger("policy")),
                try Self.dns(configuration, bus, loggers), gateway, listener, socket,
                BoundPort(listener: listener, promise: bound),
            ]
            // After the listener, so that it stops before: clients hear that the relay leaves while they are connected.
            + [relay].compactMap { $0 } + [operations].compactMap { $0 }
    }

    private static func registry(
        _ configuration: ServerConfiguration,
        _ bus: any Bus,
        _ loggers: LoggerSource,
        now: @escaping @Sendable () -> Date
    ) throws(CommandFailure) -> RegistryService {
        var settings = RegistryService.Configuration(
            masterKey: MasterKeySource(
                environment: ProcessInfo.processInfo.environment[MasterKeySource.variable],
                path: configuration.data.directory + "/master.key"
            ),
            noiseKeyFile: configuration.data.noiseKeyPath
        )
        settings.ipv4Prefix = configuration.prefixes.ipv4
        settings.ipv6Prefix = configuration.prefixes.ipv6
        settings.allocation = configuration.prefixes.allocation == .random ? .random : .sequential
        settings.keyLifetime = configuration.node.keyExpiry
        settings.ephemeralTimeout = configuration.node.ephemeralInactivity
        do {
            let store = try SQLiteStore(path: configuration.data.databasePath)
            return RegistryService(
                configuration: settings,
                dependencies: .init(store: store, bus: bus, logger: loggers.logger("registry"), now: now)
            )
        } catch {
            throw CommandFailure("the database \(configuration.data.databasePath): \(error)")
        }
    }

    private static func dns(
        _ configuration: ServerConfiguration,
        _ bus: any Bus,
        _ loggers: LoggerSource
    ) throws(CommandFailure) -> DNSService {
        do {
            return DNSService(
                configuration: try .init(settings: configuration.dns),
                bus: bus,
                logger: loggers.logger("dns")
            )
        } catch {
            throw CommandFailure("the DNS settings: \(error)")
        }
    }

    private static func gateway(
        _ configuration: ServerConfiguration,
        _ bus: any Bus,
        _ group: any EventLoopGroup,
        _ loggers: LoggerSource,
        now: @escaping @Sendable () -> Date
    ) -> ControlGatewayService {
        ControlGatewayService(
            configuration: ControlGatewayConfiguration(
                serverURL: configuration.listener.serverURL.description,
                instance: UUID().uuidString,
                addressPrefixes: [configuration.prefixes.ipv4, configuration.prefixes.ipv6].compactMap { $0 },
                isTaildropEnabled: configuration.features.isTaildropEnabled,
                isLogUploadAllowed: configuration.features.isLogUploadAllowed,
                version: BuildInformation.version
            ),
            dependencies: ControlGatewayDependencies(
                bus: bus,
                eventLoopGroup: group,
                now: now,
                logger: loggers.logger("gateway")
            )
        )
    }

    private static func relay(
        _ configuration: ServerConfiguration,
        _ certificate: ServerCertificate,
        _ bus: any Bus,
        _ bound: EventLoopFuture<Int>,
        _ loggers: LoggerSource,
        now: @escaping @Sendable () -> Date
    ) throws(CommandFailure) -> DERPService {
        let setup = RelaySetup(configuration: configuration, certificate: certificate)
        let isDerived = configuration.listener.isServerURLDerived
        let port = configuration.listener.serverURL.effectivePort
        do {
            return try DERPService(
                setup.relay(),
                dependencies: .init(
                    bus: bus,
                    logger: loggers.logger("derp"),
                    derpPort: { isDerived ? try await bound.get() : port },
                    now: now
                )
            )
        } catch {
            throw CommandFailure("the relay: \(error)")
        }
    }

    /// `nil` where no address is configured.
    private static func operations(
        _ configuration: ServerConfiguration,
        _ gateway: ControlGatewayService,
        _ bus: any Bus,
        _ metrics: MetricsRegistry,
        _ group: any EventLoopGroup,
        _ loggers: LoggerSource
    ) -> OperationsListener? {
        guard let address = configuration.listener.operationsAddress else { return nil }
        let checks = ReadinessChecks()
        checks.register("registry") { _ = try await bus.request(CheckRegistry(), tailnet: .default) }
        checks.register("gateway") {
            guard gateway.isReady else { throw CommandFailure("the gateway's copies are not complete") }
        }
        return OperationsListener(
            configuration: ListenerConfiguration(address: .tcp(host: address.host, port: address.port)),
            checks: checks,
            metrics: metrics,
            eventLoopGroup: group,
            logger: loggers.logger("operations")
        )
    }
}
