import Bus
import ControlModel
import Keys
import Logging
import ServiceKit
import ServiceLifecycle
import Storage
import Synchronization

/// A started registry: what handlers and background work share.
final class Registry: Sendable {
    let configuration: RegistryService.Configuration
    let dependencies: RegistryService.Dependencies
    let noiseKey: MachinePrivateKey
    let keys: KeyIssuer
    let tokenKeys: TokenKeys
    let allocator: Allocator
    let pools = AddressPools()
    let publisher: ChangePublisher
    let statusWriter = StatusWriter()
    let presence: Mutex<PresenceWatch>
    let metrics = RegistryMetrics()

    var store: any RegistryStore & PresenceStore { dependencies.store }
    var tailnet: TailnetID { configuration.tailnet }
    var logger: Logger { dependencies.logger }

    /// Reads what it needs to know of the last run.
    static func start(
        _ configuration: RegistryService.Configuration,
        _ dependencies: RegistryService.Dependencies
    ) async throws -> Registry {
        guard configuration.ipv4Prefix != nil || configuration.ipv6Prefix != nil else {
            throw RegistryServiceError.noAddressPrefix
        }
        let secrets = try await ServerSecrets.load(configuration, dependencies)
        let version = try await dependencies.store.version(of: configuration.tailnet)
        let survey = try await dependencies.store.presence(of: configuration.tailnet)
        let registry = Registry(configuration, dependencies, secrets: secrets, version: version)
        // From here on those who were online when the last registry ended have their time to come back.
        _ = registry.presence.withLock { $0.look(at: survey, now: dependencies.uptime()) }
        return registry
    }

    private init(
        _ configuration: RegistryService.Configuration,
        _ dependencies: RegistryService.Dependencies,
        secrets: ServerSecrets,
        version: Version
    ) {
        self.configuration = configuration
        self.dependencies = dependencies
        noiseKey = secrets.noiseKey
        keys = KeyIssuer(secret: secrets.keyHash)
        tokenKeys = TokenKeys(source: configuration.masterKey, dependencies: dependencies)
        let limits = PresenceWatch.Limits(
            grace: configuration.offlineGrace,
            lease: configuration.gatewayLease,
            patience: configuration.presencePatience
        )
        presence = Mutex(PresenceWatch(limits: limits))
        allocator = Allocator(
            store: dependencies.store,
            configuration: configuration,
            randomBytes: dependencies.randomBytes
        )
        publisher = ChangePublisher(
            after: version,
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            logger: dependencies.logger,
            metrics: metrics
        )
    }

    /// Serves until shutdown, or until one of its parts fails; then writes and publishes what is pending.
    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await self.publisher.run() }
            let served: Result<Void, any Error>
            do {
                served = .success(try await cancelWhenGracefulShutdown { try await self.serveAndTick() })
            } catch {
                served = .failure(error)
            }
            if await !statusWriter.flush(write: write) {
                logger.error("reports about nodes were lost in shutdown")
            }
            publisher.finish()
            try await group.waitForAll()
            try served.get()
        }
    }

    private func serveAndTick() async throws {
        try await withThrowingTaskGroup { group in
            serveRegistrations(in: &group)
            serveReplicas(in: &group)
            serveUsers(in: &group)
            serveNodes(in: &group)
            serveRoutes(in: &group)
            servePosture(in: &group)
            serveQuestions(in: &group)
            serveAddresses(in: &group)
            serveAttributes(in: &group)
            serveKeys(in: &group)
            serveLogins(in: &group)
            serveAudit(in: &group)
            serveTokens(in: &group)
            group.addTask { await self.every(.seconds(60)) { await self.removeEndedLogins() } }
            group.addTask { try await self.learnFromOthers() }
            group.addTask { try await self.followPolicy() }
            group.addTask { await self.writeStatus() }
            group.addTask { await self.every(.seconds(1)) { await self.watchPresence() } }
            group.addTask { await self.every(.seconds(1)) { await self.tellVersion() } }
            group.addTask { await self.every(.seconds(1)) { await self.endAttributes() } }
            group.addTask { await self.every(.seconds(15)) { await self.removeIdleEphemerals() } }
            group.addTask { await self.every(.seconds(60)) { await self.trimChanges() } }
            group.addTask { await self.every(.seconds(600)) { await self.trimAudit() } }
            group.addTask { await self.every(ChangePublisher.patience) { self.publisher.tick() } }
            // Not `waitForAll`: that would wait for the others after one has failed.
            for try await _ in group {}
        }
    }

    /// What other registries give out is not given out here.
    private func learnFromOthers() async throws {
        for await event in try await dependencies.bus.events(RegistryChanges.self, tailnet: tailnet) {
            await allocator.note(event.changes)
        }
    }

    private func every(_ interval: Duration, _ work: () async -> Void) async {
        while (try? await dependencies.clock.sleep(for: interval)) != nil {
            await work()
        }
    }

    private func writeStatus() async {
        await statusWriter.run(
            pace: StatusPace(longestPause: configuration.statusPause, gathering: configuration.statusGathering),
            clock: dependencies.clock,
            write: write
        )
    }
}

extension NodeStore {
    /// Visits all nodes by id, reading a page at a time.
    func forEachNode(
        of tailnet: TailnetID,
        pageLength: Int,
        _ body: (Node) -> Void
    ) async throws(StorageError) {
        var last: NodeID?
        while true {
            let page = try await nodes(after: last, limit: pageLength, tailnet: tailnet)
            for node in page { body(node) }
            guard page.count == pageLength, let end = page.last else { return }
            last = end.id
        }
    }
}
