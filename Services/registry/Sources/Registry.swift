import Bus
import ControlModel
import Foundation
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
    let allocator: Allocator
    let publisher: ChangePublisher
    let statusWriter = StatusWriter()
    let presence: Mutex<Presence>
    let ephemerals: Mutex<EphemeralRoster>
    let metrics = RegistryMetrics()
    private let firstVersion: Version

    var store: any RegistryStore { dependencies.store }
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
        let noiseKey = try NoiseKeyFile(path: configuration.noiseKeyFile).load()
        let secret = try await dependencies.store.serverKey(
            KeyIssuer.secretName,
            orStore: Data(dependencies.randomBytes(KeyIssuer.secretLength))
        )
        let version = try await dependencies.store.version(of: configuration.tailnet)
        var online: [NodeID] = []
        var ephemerals = EphemeralRoster()
        try await dependencies.store.forEachNode(of: configuration.tailnet, pageLength: configuration.pageLength) {
            if $0.isOnline { online.append($0.id) }
            ephemerals.note($0)
        }
        let limits = Presence.Limits(grace: configuration.offlineGrace, lease: configuration.gatewayLease)
        return Registry(
            configuration,
            dependencies,
            noiseKey: noiseKey,
            keys: KeyIssuer(secret: secret),
            firstVersion: version,
            presence: Presence(limits: limits, online: online, at: dependencies.uptime()),
            ephemerals: ephemerals
        )
    }

    private init(
        _ configuration: RegistryService.Configuration,
        _ dependencies: RegistryService.Dependencies,
        noiseKey: MachinePrivateKey,
        keys: KeyIssuer,
        firstVersion: Version,
        presence: Presence,
        ephemerals: EphemeralRoster
    ) {
        self.configuration = configuration
        self.dependencies = dependencies
        self.noiseKey = noiseKey
        self.keys = keys
        self.firstVersion = firstVersion
        self.presence = Mutex(presence)
        self.ephemerals = Mutex(ephemerals)
        allocator = Allocator(
            store: dependencies.store,
            configuration: configuration,
            randomBytes: dependencies.randomBytes
        )
        publisher = ChangePublisher(
            bus: dependencies.bus,
            tailnet: configuration.tailnet,
            logger: dependencies.logger,
            metrics: metrics
        )
    }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await self.publisher.run(after: self.firstVersion) }
            try await cancelWhenGracefulShutdown { try await self.serveAndTick() }
            if await !statusWriter.flush(write: write) {
                logger.error("reports about nodes were lost in shutdown")
            }
            publisher.finish()
            try await group.waitForAll()
        }
    }

    private func serveAndTick() async throws {
        try await withThrowingTaskGroup { group in
            serveRegistrations(in: &group)
            serveReplicas(in: &group)
            serveUsers(in: &group)
            serveNodes(in: &group)
            serveKeys(in: &group)
            serveLogins(in: &group)
            group.addTask { await self.every(.seconds(60)) { await self.removeEndedLogins() } }
            group.addTask { await self.writeStatus() }
            group.addTask { await self.every(.seconds(1)) { self.tickPresence() } }
            group.addTask { await self.every(.seconds(15)) { await self.removeIdleEphemerals() } }
            group.addTask { await self.every(.seconds(60)) { await self.trimChanges() } }
            group.addTask { await self.every(ChangePublisher.gapPatience) { self.publisher.tick() } }
            try await group.waitForAll()
        }
    }

    private func every(_ interval: Duration, _ work: () async -> Void) async {
        while (try? await dependencies.clock.sleep(for: interval)) != nil {
            await work()
        }
    }

    private func writeStatus() async {
        await statusWriter.run(
            delay: configuration.statusDelay,
            clock: dependencies.clock,
            write: write
        )
    }
}

extension RegistryStore {
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
