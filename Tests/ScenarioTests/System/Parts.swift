import Bus
import ControlModel
import DNSService
import Foundation
import IPAddresses
import NIOCore
import NIOPosix
import PolicyService
import RegistryService
import ServiceKit
import TestKit

@testable import ControlGatewayService

/// Makes the services as scenarios want them.
struct Parts {
    let options: LocalSystem.Options
    let surroundings: Surroundings
    let connections: Surroundings.Connections
    let time: SystemTime

    private var registryConfiguration: RegistryService.Configuration {
        var configuration = RegistryService.Configuration(masterKey: .file(surroundings.directory.path("master.key")))
        // Scenarios move time on in steps as long as they like.
        configuration.presencePatience = .seconds(86400)
        configuration.offlineGrace = LocalSystem.offlineGrace
        configuration.gatewayLease = options.gatewayLease
        configuration.statusGathering = options.statusGathering
        configuration.deviceApproval = options.deviceApproval
        configuration.ipv4Prefix = options.ipv4Prefix
        configuration.ipv6Prefix = options.ipv6Prefix
        configuration.keyLifetime = options.keyLifetime
        configuration.loginLimits = options.loginLimits
        return configuration
    }

    func registry() async throws -> RegistryService {
        let store = try await connections.store()
        return RegistryService(
            configuration: registryConfiguration,
            dependencies: .init(
                store: store,
                logins: store,
                bus: try connections.bus("registry"),
                logger: Surroundings.logger,
                clock: FastClock(),
                now: { time.now },
                uptime: { time.uptime }
            )
        )
    }

    func policy() async throws -> PolicyService {
        PolicyService(
            configuration: .init(),
            dependencies: .init(
                store: try await connections.store(),
                bus: try connections.bus("policy"),
                logger: Surroundings.logger,
                now: { time.now }
            )
        )
    }

    static let extraRecordsName = "extra-records.json"

    func dns() throws -> DNSService {
        var configuration = try DNSService.Configuration(
            settings: DNSSettings(isMagicDNSEnabled: true, baseDomain: LocalSystem.baseDomain),
            revision: 1
        )
        if let records = options.extraRecords {
            let path = surroundings.directory.path(Self.extraRecordsName)
            if !FileManager.default.fileExists(atPath: path) { try Data(records.utf8).write(to: URL(filePath: path)) }
            configuration.extraRecordsPath = path
            configuration.watchInterval = .milliseconds(10)
        }
        return DNSService(
            configuration: configuration,
            bus: try connections.bus("dns"),
            logger: Surroundings.logger
        )
    }

    func gateway(port: Int) throws -> (ControlGatewayService, Listener) {
        let threads = MultiThreadedEventLoopGroup.singleton
        let prefixes = [registryConfiguration.ipv4Prefix, registryConfiguration.ipv6Prefix].compactMap(\.self)
        var configuration = ControlGatewayConfiguration(
            serverURL: options.serverURL,
            instance: UUID().uuidString,
            derpRegions: [LocalSystem.region],
            addressPrefixes: prefixes,
            version: "0.0.0-test"
        )
        configuration.providers = options.providers
        configuration.startsOnlyWithProviders = options.startsOnlyWithProviders
        configuration.collectsPostureIdentity = options.collectsPostureIdentity
        configuration.routerProbing = options.routerProbing
        configuration.isTaildropEnabled = options.isTaildropEnabled
        configuration.clientReleases = options.clientReleases
        configuration.tailnetName = options.tailnetName
        configuration.loginPatience = options.loginPatience
        configuration.loginRecheck = options.loginRecheck
        let bus = options.gatewayBus(try connections.bus("gateway"))
        let gateway = ControlGatewayService(
            configuration: configuration,
            dependencies: .init(
                bus: bus,
                eventLoopGroup: threads,
                now: { time.now },
                logger: Surroundings.logger,
                providerTransport: options.providerTransport
            )
        )
        var surface = HTTPSurface()
        gateway.register(on: &surface)
        AdminAPI(
            bus: bus,
            tailnet: .default,
            clients: gateway.clients,
            logger: Surroundings.logger,
            now: { time.now }
        ).register(on: surface.router)
        var listening = ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: port))
        listening.limits.shutdownTimeout = .milliseconds(20)
        let listener = Listener(
            name: "public",
            configuration: listening,
            surface: surface,
            eventLoopGroup: threads,
            logger: Surroundings.logger
        )
        return (gateway, listener)
    }
}
