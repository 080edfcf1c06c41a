import Bus
import BusInProcess
import BusNATS
import ControlGatewayService
import ControlModel
import Foundation
import Keys
import Logging
import NIOPosix
import Synchronization
import TestKit

/// A gateway that missed changes asks for them, page by page, and applies them.
enum CatchUpBenchmark {
    private static let missed = 10_000

    static func run() async throws -> [Measurement] {
        let local = InProcessBus()
        var all = [try await run("in-process bus", local, local)]
        // The bus benchmarks have said that it is missing.
        guard NATSServer.isInstalled else { return all }
        let server = try await NATSServer()
        let (gateway, registry) = (try BusBenchmarks.nats(server), try BusBenchmarks.nats(server))
        try await eventually("both are connected") { gateway.isConnected && registry.isConnected }
        all.append(try await run("NATS bus", gateway, registry))
        await gateway.close()
        await registry.close()
        await server.stop()
        return all
    }

    private static func run(_ name: String, _ bus: any Bus, _ registryBus: any Bus) async throws -> Measurement {
        let registry = MissedChanges(bus: registryBus)
        let gateway = ControlGatewayService(
            configuration: .init(serverURL: "http://127.0.0.1", instance: "a", addressPrefixes: [], version: "0"),
            dependencies: .init(
                bus: bus,
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                now: { Date() },
                logger: Logger(label: "benchmark", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        )
        return try await withThrowingTaskGroup { group in
            group.addTask { await registry.run() }
            group.addTask { try await gateway.run() }
            try await registry.commit(1)
            try await eventually("the gateway follows") {
                try await registry.publishVersion()
                return await gateway.replicaVersion == 1
            }
            try await registry.commit(missed)
            let end = Version(missed + 1)
            let measurement = try await Measurement.runTimed(
                "\(name): gateway catches up with \(missed) missed changes, each",
                count: missed
            ) {
                try await registry.publishVersion()
                try await eventually("the gateway has caught up") { await gateway.replicaVersion == end }
            }
            group.cancelAll()
            return measurement
        }
    }
}

/// A registry in memory, none of whose events arrive.
private final class MissedChanges: Sendable {
    /// As the registry answers.
    private static let pageLength = 500

    private let bus: any Bus
    private let log = Mutex<[RegistryChange]>([])
    private let key = MachinePrivateKey.generate()

    init(bus: any Bus) {
        self.bus = bus
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                try? await self.bus.serve(FetchSnapshot.self, tailnet: .default) { _ in
                    .init(version: 0, users: [], nodes: [], next: nil)
                }
            }
            group.addTask {
                try? await self.bus.serve(FetchServerKey.self, tailnet: .default) { _ in
                    .init(noiseKey: self.key.secretText)
                }
            }
            // The gateway needs them before it takes nodes.
            group.addTask {
                try? await self.bus.serve(FetchPolicy.self, tailnet: .default) { _ in
                    PolicyPublished(revision: 0, text: nil)
                }
            }
            group.addTask {
                try? await self.bus.serve(FetchChanges.self, tailnet: .default) { request in
                    self.log.withLock { log in
                        let page = log.dropFirst(Int(request.since)).prefix(Self.pageLength)
                        return .init(changes: Array(page), version: Version(log.count))
                    }
                }
            }
        }
    }

    /// Commits changes of nodes, of which there are a thousand.
    func commit(_ count: Int) async throws {
        log.withLock { log in
            for _ in 0..<count {
                let version = Version(log.count + 1)
                var node = Node.fixture(version % 1000 + 1)
                node.version = version
                node.hostinfo = .fixture()
                node.homeDERP = Int(version)
                log.append(RegistryChange(version: version, subject: .node(node)))
            }
        }
    }

    func publishVersion() async throws {
        let version = log.withLock { Version($0.count) }
        try await bus.publish(RegistryChanges(changes: [], version: version), tailnet: .default)
    }
}
