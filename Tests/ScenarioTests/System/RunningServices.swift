import Bus
import ControlModel
import NIOCore
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestKit

@testable import ControlGatewayService

/// All services of a system, from one start to its end.
struct RunningServices: Sendable {
    /// Of whoever asks from outside.
    let bus: any Bus
    private let gateways: [ControlGatewayService]
    private let listeners: [Listener]
    private let connections: Surroundings.Connections
    private let group: ServiceGroup
    private let ending = Ending()

    private final class Ending: Sendable {
        let isOver = Mutex(false)
    }

    /// - Parameter ports: of the gateways; 0 for any.
    init(_ options: LocalSystem.Options, on surroundings: Surroundings, ports: [Int], time: SystemTime) async throws {
        connections = try surroundings.connect()
        bus = try connections.bus("test")
        let parts = Parts(options: options, surroundings: surroundings, connections: connections, time: time)
        var services: [any Service] = []
        for _ in 0..<surroundings.replicas { services.append(try await parts.registry()) }
        services.append(try await parts.policy())
        services.append(try parts.dns())
        var (gateways, listeners): ([ControlGatewayService], [Listener]) = ([], [])
        for port in ports {
            let (gateway, listener) = try parts.gateway(port: port)
            gateways.append(gateway)
            listeners.append(listener)
        }
        (self.gateways, self.listeners) = (gateways, listeners)
        services += gateways + listeners
        group = ServiceGroup(
            configuration: .init(services: services.map { .init(service: $0) }, logger: Surroundings.logger)
        )
    }

    func heldRequests(for login: LoginID) -> Int { gateways.reduce(0) { $0 + $1.heldRequests(for: login) } }

    /// Whether all gateways have heard of the map streams that opened so far.
    var haveHeardOfStreams: Bool {
        get async {
            var numbers: Set<Int64> = []
            for gateway in gateways { numbers.insert(await gateway.highestStream) }
            return numbers.count == 1
        }
    }

    /// Runs until ``stop()``, or until a service fails.
    func run() async throws {
        defer { ending.isOver.withLock { $0 = true } }
        try await group.run()
    }

    /// Waits until clients can come in; the ports they use.
    func untilReady() async throws -> [Int] {
        var ports: [Int] = []
        for listener in listeners { ports.append(try await listener.boundAddress().port ?? 0) }
        try await eventually("the gateways are ready") { gateways.allSatisfy(\.isReady) }
        return ports
    }

    /// Stops in good order, and waits for the end.
    func stop() async throws {
        await group.triggerGracefulShutdown()
        try await eventually("the services have ended") { ending.isOver.withLock { $0 } }
        await connections.close()
    }
}
