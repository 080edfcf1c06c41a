import ControlGatewayService
import ControlModel
import Foundation
import Storage
import TestKit

/// A gateway starts beside a registry that has many nodes: snapshot, policy and the first batch, until clients can come in.
enum GatewayStartBenchmark {
    private static let count: Int64 = 10_000
    private static let rounds = 5

    static func run() async throws -> [Measurement] {
        let shape = try await SplitShape()
        try await fill(shape.store)
        var times = try await shape.run { _ in
            var times: [Duration] = []
            for round in 1...rounds {
                let start = ContinuousClock.now
                try await shape.withGateway("gateway-\(round)") { gateway, _ in
                    try await eventually("it is ready", within: .seconds(60), every: .milliseconds(1)) {
                        gateway.isReady
                    }
                    times.append(ContinuousClock.now - start)
                }
            }
            return times
        }
        times.sort()
        let name = "a gateway starts with \(count) nodes, NATS and PostgreSQL"
        return [Measurement(name: name, duration: times[rounds / 2])]
    }

    private static func fill(_ store: some RegistryStore) async throws {
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        for first in stride(from: 1, through: count, by: 500) {
            let nodes = (first..<min(first + 500, count + 1)).map(NetmapBenchmarks.node)
            _ = try await store.commit(nodes.map { .createNode($0) }, tailnet: .default)
        }
    }
}
