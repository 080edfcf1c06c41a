import BusInProcess
import ControlModel
import Foundation
import Keys
import Synchronization
import TestKit

@testable import DERPService

/// A relay that follows a registry in memory.
struct AdmissionHarness: Sendable {
    let relay: RelayHarness
    let registry: FakeRegistry
    let wallClock: WallClock
    /// Returns when the registry answers no more.
    let stopRegistry: @Sendable () async -> Void

    /// The time of day, moved by hand.
    final class WallClock: Sendable {
        private let time = Mutex(Date.fixture)

        var now: Date { time.withLock { $0 } }

        func advance(by seconds: TimeInterval) {
            time.withLock { $0 += seconds }
        }
    }

    static func run(
        limits: DERPRelayLimits = DERPRelayLimits(),
        body: @escaping @Sendable (AdmissionHarness) async throws -> Void
    ) async throws {
        let bus = InProcessBus()
        let wallClock = WallClock()
        let registry = FakeRegistry(bus: bus)
        let (stopped, stop) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        try await RelayHarness.run(bus: bus, isVerifying: true, limits: limits, now: { wallClock.now }) { relay in
            let harness = AdmissionHarness(
                relay: relay,
                registry: registry,
                wallClock: wallClock,
                stopRegistry: {
                    stop.finish()
                    for await _ in ended {}
                }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await withTaskGroup(of: Void.self) { group in
                        group.addTask { await registry.run() }
                        group.addTask { for await _ in stopped {} }
                        await group.next()
                        group.cancelAll()
                    }
                    end.finish()
                }
                group.addTask { await relay.admission.answerQuestions() }
                group.addTask {
                    await relay.admission.follow(clock: ContinuousClock()) { revoked in
                        relay.relay.disconnect(revoked ?? relay.admission.revoked(among: relay.relay.connectedKeys))
                    }
                }
                // A complete copy calls strangers revoked.
                try await eventually { !relay.admission.revoked(among: [.fixture(999)]).isEmpty }
                try await body(harness)
                group.cancelAll()
            }
        }
    }

    /// A new key for this node.
    func register(_ number: Int64, isLost: Bool = false) async throws -> NodePrivateKey {
        let key = NodePrivateKey.generate()
        try await save(number, key: key.publicKey, expiry: nil, isLost: isLost)
        return key
    }

    func save(_ number: Int64, key: NodePublicKey, expiry: Date?, isLost: Bool = false) async throws {
        var node = Node.fixture(number)
        node.nodeKey = key
        node.expiry = expiry
        try await registry.save(node, isLost: isLost)
    }

    func sweep() {
        relay.relay.disconnect(relay.admission.revoked(among: relay.relay.connectedKeys))
    }
}
