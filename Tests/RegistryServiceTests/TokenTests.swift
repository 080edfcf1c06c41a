import Bus
import ControlModel
import Foundation
import Keys
import SecretBox
import Storage
import TestKit
import Testing

@testable import RegistryService

@Suite("ID tokens", .timeLimit(.minutes(2)))
struct TokenTests {
    private static let day: TimeInterval = 24 * 3600

    private static func key(_ id: Int, at moment: Date) -> SigningKeyRing.Key {
        SigningKeyRing.Key(id: "\(id)", der: Data([UInt8(id)]), createdAt: moment)
    }

    @Test("a key signs for a month; its successor is shown before it signs, and it itself for a day after")
    func rotation() {
        var ring = SigningKeyRing()
        var made = 0
        func ids(after days: Double) -> (shown: [String], signer: String?) {
            let now = Date.fixture.addingTimeInterval(days * Self.day)
            let isNew = ring.needsKey(at: now)
            if isNew { made += 1 }
            ring = ring.renewed(at: now, adding: isNew ? Self.key(made, at: now) : nil)
            return (ring.keys.map(\.id), ring.signer(at: now)?.id)
        }
        #expect(ids(after: 0) == (["1"], "1"))
        #expect(ids(after: 29.9) == (["1"], "1"))
        #expect(ids(after: 30) == (["2", "1"], "1"))
        #expect(ids(after: 30.03) == (["2", "1"], "1"))
        #expect(ids(after: 30.05) == (["2", "1"], "2"))
        #expect(ids(after: 30.9) == (["2", "1"], "2"))
        #expect(ids(after: 31.1) == (["2"], "2"))
        #expect(ids(after: 200) == (["3", "2"], "2"))
        #expect(SigningKeyRing().signer(at: .fixture) == nil)
    }

    @Test("several registries share the keys, and make one where several begin")
    func shared() async throws {
        let directory = try TemporaryDirectory()
        let time = ManualTime()
        try await RegistryHarness.run(in: directory, time: time) { first in
            try await RegistryHarness.run(in: directory, time: time) { second in
                let answers = try await withThrowingTaskGroup { group in
                    for harness in [first, second, first, second] {
                        group.addTask { try await harness.registry.tokenKeys.ring().keys.map(\.id) }
                    }
                    return try await group.reduce(into: Set<[String]>()) { $0.insert($1) }
                }
                #expect(answers.count == 1)
                time.advance(by: .seconds(30 * Self.day))
                let renewed = try await first.registry.tokenKeys.ring().keys.map(\.id)
                #expect(renewed.count == 2)
                #expect(try await second.registry.tokenKeys.ring().keys.map(\.id) == renewed)
            }
        }
    }

    @Test("the keys are sealed in the store, and outlive a new master key while the registry runs")
    func sealed() async throws {
        try await RegistryHarness.run { harness in
            let ring = try await harness.registry.tokenKeys.ring()
            let stored = try #require(try await harness.store.serverKeys()["id-token-keys"])
            #expect(SealedSecret(stored: stored) != nil)
            #expect(stored.range(of: try #require(ring.keys.first).der) == nil)
            let source = harness.registry.configuration.masterKey
            _ = try await MasterKeyRotation(store: harness.store, source: source).run()
            #expect(try await harness.registry.tokenKeys.ring() == ring)
            harness.time.advance(by: .seconds(30 * Self.day))
            #expect(try await harness.registry.tokenKeys.ring().keys.count == 2)
        }
    }

    @Test("a token needs the node key, the machine that has it, and a time before it ends")
    func refused() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let node = try await harness.admit(.fixture(authKey: try await harness.authKey(user.id)))
            func ask(_ key: NodePublicKey, _ machine: MachinePublicKey, _ audience: String = "a") async throws -> String
            {
                try await harness.ask(
                    IssueIDToken(nodeKey: key, machineKey: machine, audience: audience, issuer: "https://a", domain: "")
                ).token
            }
            #expect(try await ask(node.nodeKey, node.machineKey).split(separator: ".").count == 3)
            await #expect(throws: BusError.self) { try await ask(node.nodeKey, .fixture(9)) }
            await #expect(throws: BusError.self) { try await ask(.fixture(9), node.machineKey) }
            await #expect(throws: BusError.self) { try await ask(node.nodeKey, node.machineKey, "") }
            _ = try await harness.ask(SetNodeExpiry(node: node.id, expiry: harness.time.now))
            await #expect(throws: BusError.self) { try await ask(node.nodeKey, node.machineKey) }
        }
    }
}
