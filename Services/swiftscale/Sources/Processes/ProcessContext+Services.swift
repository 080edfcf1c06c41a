import Bus
import ControlGatewayService
import ControlModel
import DNSService
import PolicyService
import RegistryService
import ServiceKit
import Storage

extension ProcessContext {
    /// Registers the gateway's routes and the admin API's on a surface.
    func gateway(_ bus: any Bus, on surface: inout HTTPSurface) throws(CommandFailure) -> ControlGatewayService {
        var settings = ControlGatewayConfiguration(
            serverURL: configuration.listener.serverURL.description,
            instance: instance,
            addressPrefixes: [configuration.prefixes.ipv4, configuration.prefixes.ipv6].compactMap { $0 },
            isTaildropEnabled: configuration.features.isTaildropEnabled,
            isLogUploadAllowed: configuration.features.isLogUploadAllowed,
            version: BuildInformation.version
        )
        settings.collectsPostureIdentity = configuration.features.collectsPostureIdentity
        settings.routerProbing = configuration.node.routerProbing
        settings.providers = try configuration.oidc.complete()
        settings.startsOnlyWithProviders = configuration.oidc.mustBeAvailable
        settings.clientReleases = configuration.clientReleases
        settings.tailnetName = configuration.tailnet.displayName
        let gateway = ControlGatewayService(
            configuration: settings,
            dependencies: ControlGatewayDependencies(
                bus: bus,
                eventLoopGroup: group,
                now: now,
                logger: logger("gateway")
            )
        )
        gateway.register(on: &surface)
        AdminAPI(bus: bus, tailnet: .default, clients: gateway.clients, logger: logger("admin"), now: now)
            .register(on: surface.router)
        checks.register("gateway") {
            guard gateway.isReady else { throw CommandFailure("the gateway's copies are not complete") }
        }
        return gateway
    }

    func registry(_ bus: any Bus, _ database: OpenDatabase) throws(CommandFailure) -> RegistryService {
        var settings = RegistryService.Configuration(
            masterKey: configuration.data.masterKey.source,
            noiseKeyFile: configuration.data.noiseKeyPath
        )
        settings.ipv4Prefix = configuration.prefixes.ipv4
        settings.ipv6Prefix = configuration.prefixes.ipv6
        settings.allocation = configuration.prefixes.allocation == .random ? .random : .sequential
        settings.keyLifetime = configuration.node.keyExpiry
        settings.deviceApproval = configuration.node.deviceApproval
        settings.ephemeralTimeout = configuration.node.ephemeralInactivity
        settings.loginLifetime = configuration.logins.lifetime
        settings.auditRetention = configuration.audit.retention
        settings.loginLimits = configuration.logins.limits
        return RegistryService(
            configuration: settings,
            dependencies: .init(
                store: database.store,
                logins: database.store,
                bus: bus,
                logger: logger("registry"),
                now: now
            )
        )
    }

    /// - Parameter reloads: an element whenever the policy file is to be read at once.
    func policy(
        _ bus: any Bus,
        _ database: OpenDatabase,
        reloads: AsyncStream<Void>
    ) throws(CommandFailure) -> PolicyService {
        let policy = PolicyService(
            configuration: .init(source: configuration.policy.source),
            dependencies: .init(store: database.store, bus: bus, logger: logger("policy"), now: now, reloads: reloads)
        )
        checks.register("policy") {
            guard policy.isReady else { throw CommandFailure("there is no policy to serve yet") }
        }
        return policy
    }

    func dns(_ bus: any Bus) throws(CommandFailure) -> DNSService {
        do {
            return DNSService(
                configuration: try .init(
                    settings: configuration.dns,
                    revision: startRevision,
                    extraRecordsPath: configuration.extraRecordsPath
                ),
                bus: bus,
                logger: logger("dns")
            )
        } catch {
            throw CommandFailure("the DNS settings: \(error)")
        }
    }
}
