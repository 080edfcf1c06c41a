import Bus
import BusInProcess
import ControlModel
import Foundation
import Keys
import Logging
import RegistryService
import Storage
import StoragePostgres
import StorageSQLite
import TestKit

/// Nodes that join with an auth key, asked of a registry over the bus in process; every one is on disk when it is answered.
enum RegistrationBenchmarks {
    private static let count = 4000
    /// Registrations under way at once.
    private static let concurrency = 200

    static func sqlite() async throws -> [Measurement] {
        let directory = try TemporaryDirectory()
        let duration = try await register(at: try SQLiteStore(path: directory.path("registry.sqlite")), directory)
        return [Measurement(name: "registration, SQLite", count: count, duration: duration)]
    }

    static func postgres() async throws -> [Measurement] {
        // Synced to disk, unlike the servers of tests.
        let server = try await PostgresServer(["fsync": "on", "full_page_writes": "on"])
        let store = PostgresStore(
            .init(
                host: server.host,
                port: server.port,
                database: try await server.makeDatabase(),
                user: PostgresServer.user,
                password: PostgresServer.password
            ),
            logger: Logger(label: "postgres") { _ in SwiftLogNoOpLogHandler() }
        )
        try await store.open()
        let duration = try await register(at: store, try TemporaryDirectory())
        await store.close()
        return [Measurement(name: "registration, PostgreSQL", count: count, duration: duration)]
    }

    private static func register(
        at store: any RegistryStore & PresenceStore,
        _ directory: TemporaryDirectory
    ) async throws -> Duration {
        let bus = InProcessBus()
        let service = RegistryService(
            configuration: .init(masterKey: .file(directory.path("master.key"))),
            dependencies: .init(
                store: store,
                bus: bus,
                logger: Logger(label: "registry") { _ in SwiftLogNoOpLogHandler() },
                now: { Date() }
            )
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            let user = try await bus.request(CreateUser(name: "ada"), tailnet: .default, timeout: .seconds(60))
            let request = CreateAuthKey(user: user.id, tags: [], isReusable: true, isEphemeral: false, expiry: nil)
            let key = try await bus.request(request, tailnet: .default, timeout: .seconds(60)).secret
            let duration = try await ContinuousClock().measure { try await register(on: bus, with: key) }
            group.cancelAll()
            return duration
        }
    }

    private static func register(on bus: InProcessBus, with key: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...count {
                if number > concurrency { try await group.next() }
                group.addTask {
                    let request = RegisterNode(
                        machineKey: .fixture(number),
                        nodeKey: .fixture(number),
                        oldNodeKey: nil,
                        authKey: key,
                        hostinfo: .fixture(hostname: "host-\(number)"),
                        isEphemeral: false,
                        expiry: nil,
                        capabilityVersion: .minimum
                    )
                    let answer = try await bus.request(request, tailnet: .default, timeout: .seconds(60))
                    guard case .registered = answer else { throw Refused(answer: "\(answer)") }
                }
            }
            try await group.waitForAll()
        }
    }

    private struct Refused: Error {
        let answer: String
    }
}
