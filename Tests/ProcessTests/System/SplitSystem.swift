import Foundation
import TestKit

/// The split shape: a bus and a database server, and swiftscale in a process a service, all private to one test.
final class SplitSystem: Sendable {
    /// What scenarios differ in.
    struct Options: Sendable {
        var registries = 1
        var gateways = 2
        var relays = 2
        /// More configuration, by the kind of process, as environment variables without the prefix.
        var settings: [String: [String: String]] = [:]
        /// More environment of every process, names as they are.
        var environment: [String: String] = [:]
    }

    static let baseDomain = "tailnet.test"
    static let firstRegion = 901

    let bus: NATSServer
    let database: PostgresServer
    /// What the processes call their database.
    let databaseName: String
    /// Each gateway's way to the bus, which can be cut.
    let ways: [TCPRelay]
    let registries: [ServiceProcess]
    let policy: ServiceProcess
    let dns: ServiceProcess
    let gateways: [ServiceProcess]
    let relays: [ServiceProcess]

    /// All of swiftscale's own.
    var processes: [ServiceProcess] { registries + [policy, dns] + gateways + relays }

    /// Starts the servers, not the processes.
    init(_ options: Options = Options()) async throws {
        bus = try await NATSServer(try BusUsers.settings())
        database = try await PostgresServer()
        databaseName = try await database.makeDatabase()
        var ways: [TCPRelay] = []
        for _ in 0..<options.gateways { ways.append(try await TCPRelay(to: bus.port)) }
        self.ways = ways
        let places = [
            "BUS_URLS": bus.url, "SERVER_URL": "http://split.test", "DNS_BASE_DOMAIN": Self.baseDomain,
            "DATABASE_TYPE": "postgres", "DATABASE_POSTGRES_HOST": database.host,
            "DATABASE_POSTGRES_PORT": "\(database.port)", "DATABASE_POSTGRES_USER": PostgresServer.user,
            "DATABASE_POSTGRES_PASS": PostgresServer.password,
            "DATABASE_POSTGRES_NAME": databaseName,
            "MASTER_KEY": "masterkey:" + String(repeating: "07", count: 32),
        ]
        func make(_ kind: String, _ number: Int? = nil, _ more: [String: String] = [:]) -> ServiceProcess {
            var settings = places
            settings["BUS_USER"] = kind
            settings["BUS_PASSWORD"] = BusUsers.password(of: kind)
            settings.merge(more) { $1 }
            settings.merge(options.settings[kind] ?? [:]) { $1 }
            return ServiceProcess(
                number.map { "\(kind)-\($0)" } ?? kind,
                kind: kind,
                settings: settings,
                environment: options.environment
            )
        }
        registries = (0..<options.registries).map { make("registry", $0 + 1) }
        policy = make("policy")
        dns = make("dns")
        gateways = ways.enumerated().map { number, way in
            make("gateway", number + 1, ["BUS_URLS": "nats://127.0.0.1:\(way.port)"])
        }
        relays = (0..<options.relays).map { number in
            make(
                "derp",
                number + 1,
                [
                    "DERP_SERVER_HOSTNAME": "127.0.0.1", "DERP_SERVER_REGION_ID": "\(Self.firstRegion + number)",
                    "DERP_SERVER_REGION_CODE": "r\(number + 1)", "DERP_SERVER_STUN_LISTEN_ADDR": "127.0.0.1:0",
                ]
            )
        }
    }

    /// Starts everything, waits until all are ready, runs `body`, and kills what still runs.
    static func run(_ options: Options = Options(), _ body: (SplitSystem) async throws -> Void) async throws {
        let system = try await SplitSystem(options)
        do {
            for process in system.processes { try process.start() }
            for process in system.processes { try await process.waitUntilReady() }
            try await body(system)
        } catch {
            await system.end()
            throw error
        }
        await system.end()
    }

    /// Kills what still runs, the servers last.
    func end() async {
        for process in processes where process.isRunning { try? await process.crash() }
        await bus.stop()
        try? await database.crash()
    }
}
