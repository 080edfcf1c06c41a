import Bus
import BusInProcess
import BusNATS
import Logging
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import TestKit

/// What the services of one system stand on, for as long as it lives: its directory, and in the split shape its servers.
struct Surroundings: Sendable {
    typealias Store = any RegistryStore & PresenceStore & PendingLoginStore & SSHConfirmationStore & PolicyStore

    private struct Servers: Sendable {
        var nats: NATSServer
        var postgres: PostgresServer
        var database: String

        func makeStore() -> PostgresStore {
            PostgresStore(
                .init(
                    host: postgres.host,
                    port: postgres.port,
                    database: database,
                    user: PostgresServer.user,
                    password: PostgresServer.password,
                    connections: 4
                ),
                logger: Surroundings.logger
            )
        }
    }

    static let logger = Logger(label: "scenario") { _ in SwiftLogNoOpLogHandler() }

    let directory: TemporaryDirectory
    let shape: Shape
    private let servers: Servers?

    init(_ shape: Shape) async throws {
        self.shape = shape
        directory = try TemporaryDirectory()
        guard shape == .split else {
            servers = nil
            return
        }
        let postgres = try await PostgresServer.shared()
        servers = Servers(nats: try await NATSServer(), postgres: postgres, database: try await postgres.makeDatabase())
    }

    /// How many gateways there are, and how many registries.
    var replicas: Int { shape == .split ? 2 : 1 }

    /// Connections of one start of the services.
    func connect() throws -> Connections { try Connections(self) }

    /// Gives each part what it stands on: in one process they share it, else each has its own.
    final class Connections: Sendable {
        private enum Ground: Sendable {
            case shared(InProcessBus, SQLiteStore)
            case servers(Servers)
        }

        private let ground: Ground
        private let own = Mutex((buses: [NATSBus](), stores: [PostgresStore]()))

        fileprivate init(_ surroundings: Surroundings) throws {
            ground =
                if let servers = surroundings.servers {
                    .servers(servers)
                } else {
                    .shared(InProcessBus(), try SQLiteStore(path: surroundings.directory.path("registry.db")))
                }
        }

        func bus(_ name: String) throws -> any Bus {
            switch ground {
            case .shared(let bus, _): return bus
            case .servers(let servers):
                let bus = try NATSBus(.init(servers: [servers.nats.url], name: name), logger: Surroundings.logger)
                own.withLock { $0.buses.append(bus) }
                return bus
            }
        }

        func store() async throws -> Store {
            switch ground {
            case .shared(_, let store): return store
            case .servers(let servers):
                let store = servers.makeStore()
                own.withLock { $0.stores.append(store) }
                try await store.open()
                return store
            }
        }

        func close() async {
            let (buses, stores) = own.withLock { $0 }
            for bus in buses { await bus.close() }
            for store in stores { await store.close() }
        }
    }
}
