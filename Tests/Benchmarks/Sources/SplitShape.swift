import Bus
import BusNATS
import ControlGatewayService
import ControlModel
import Foundation
import Logging
import NIOCore
import NIOPosix
import RegistryService
import ServiceKit
import StoragePostgres
import TestKit

/// The split shape in this process: a registry and gateways, each with a connection of its own to a NATS server, and PostgreSQL
/// that syncs to disk.
///
/// Policy and DNS settings are answered for, there are none.
final class SplitShape: Sendable {
    private let nats: NATSServer
    private let database: PostgresServer
    let store: PostgresStore

    static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    /// Starts the servers; ``run(_:)`` starts the registry.
    init() async throws {
        nats = try await NATSServer()
        // Synced to disk, unlike the servers of tests.
        database = try await PostgresServer(["fsync": "on", "full_page_writes": "on"])
        store = PostgresStore(
            .init(
                host: database.host,
                port: database.port,
                database: try await database.makeDatabase(),
                user: PostgresServer.user,
                password: PostgresServer.password
            ),
            logger: Self.logger
        )
        try await store.open()
    }

    /// Runs `body` beside the registry, then ends everything.
    func run<Result>(_ body: (any Bus) async throws -> Result) async throws -> Result {
        let (registryBus, bus) = (try await connect(), try await connect())
        let directory = try TemporaryDirectory()
        let registry = RegistryService(
            configuration: .init(masterKey: .file(directory.path("master.key"))),
            dependencies: .init(store: store, bus: registryBus, logger: Self.logger, now: { Date() })
        )
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await registry.run() }
            group.addTask {
                try await registryBus.serve(FetchPolicy.self, tailnet: .default) { _ in
                    PolicyPublished(revision: 0, text: nil)
                }
            }
            group.addTask {
                try await registryBus.serve(FetchDNSSettings.self, tailnet: .default) { _ in
                    let settings = DNSSettings(isMagicDNSEnabled: true, baseDomain: "example.com")
                    return DNSSettingsPublished(revision: 0, settings: settings)
                }
            }
            let result = try await body(bus)
            group.cancelAll()
            return result
        }
        for bus in [registryBus, bus] { await bus.close() }
        await store.close()
        await nats.stop()
        return result
    }

    func connect() async throws -> NATSBus {
        let bus = try BusBenchmarks.nats(nats)
        try await eventually("connected to NATS") { bus.isConnected }
        return bus
    }

    /// Runs `body` with a gateway and where clients reach it, from its start on.
    func withGateway<Result>(
        _ name: String,
        _ body: (ControlGatewayService, ServerAddress) async throws -> Result
    ) async throws -> Result {
        let bus = try await connect()
        // Threads of its own, as a process has them: what the clients read does not wait for all that the gateway writes.
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let gateway = ControlGatewayService(
            configuration: .init(serverURL: "http://127.0.0.1", instance: name, addressPrefixes: [], version: "0"),
            dependencies: .init(
                bus: bus,
                eventLoopGroup: threads,
                now: { Date() },
                logger: Self.logger
            )
        )
        var surface = HTTPSurface()
        gateway.register(on: &surface)
        let listener = Listener(
            name: name,
            configuration: ListenerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            surface: surface,
            eventLoopGroup: threads,
            logger: Self.logger
        )
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            let port = try await listener.boundAddress().port ?? 0
            group.addTask { try await gateway.run() }
            let result = try await body(gateway, ServerAddress(port: port))
            group.cancelAll()
            return result
        }
        await bus.close()
        return result
    }
}
