import BusInProcess
import ControlModel
import DERPProtocol
import Foundation
import Keys
import NIOCore
import TestKit
import Testing

@testable import DERPService

@Suite("Relay: admission", .timeLimit(.minutes(1)))
struct RelayAdmissionTests {
    @Test("a known node comes in, an unknown one is closed")
    func known() async throws {
        try await AdmissionHarness.run { harness in
            let key = try await harness.register(1)
            _ = try await harness.relay.client(key)
            let stranger = try await RelayTestClient(port: harness.relay.port, waits: false)
            #expect(await stranger.next() == nil)
        }
    }

    @Test("a node that the copy lacks comes in when the registry knows it")
    func lookedUp() async throws {
        try await AdmissionHarness.run { harness in
            let key = try await harness.register(1, isLost: true)
            _ = try await harness.relay.client(key)
        }
    }

    @Test("what a client sends before it is admitted is handed on after it, in order")
    func early() async throws {
        try await AdmissionHarness.run { harness in
            let receiver = try await harness.relay.client(try await harness.register(1))
            let key = try await harness.register(2, isLost: true)
            let early = (0..<100).map { number in
                SendPacketFrame(destination: receiver.publicKey, packet: ByteBuffer(integer: UInt32(number))).encoded
            }
            _ = try await RelayTestClient(port: harness.relay.port, key: key, early: early)
            for number: UInt32 in 0..<100 { #expect(try await receiver.nextNumber() == number) }
        }
    }

    @Test("a node that is removed, changes its key or expires by an event is disconnected")
    func revoked() async throws {
        try await AdmissionHarness.run { harness in
            let removed = try await harness.relay.client(try await harness.register(1))
            let renewed = try await harness.relay.client(try await harness.register(2))
            let expired = try await harness.relay.client(try await harness.register(3))
            let stays = try await harness.relay.client(try await harness.register(4))

            try await harness.registry.remove(.fixture(1))
            #expect(await removed.next() == nil)
            let newKey = try await harness.register(2)
            #expect(await renewed.next() == nil)
            _ = try await harness.relay.client(newKey)
            try await harness.save(3, key: expired.publicKey, expiry: .fixture)
            #expect(await expired.next() == nil)
            try await stays.ping()
        }
    }

    @Test("a node whose key expires with time is disconnected, and not let in again")
    func expiresWithTime() async throws {
        try await AdmissionHarness.run { harness in
            let key = NodePrivateKey.generate()
            try await harness.save(1, key: key.publicKey, expiry: Date.fixture.addingTimeInterval(60))
            let client = try await harness.relay.client(key)
            harness.wallClock.advance(by: 59)
            harness.sweep()
            try await client.ping()
            harness.wallClock.advance(by: 1)
            harness.sweep()
            #expect(await client.next() == nil)
            let again = try await RelayTestClient(port: harness.relay.port, key: key, waits: false)
            #expect(await again.next() == nil)
        }
    }

    @Test("a lost event is repaired by the next one")
    func gap() async throws {
        try await AdmissionHarness.run { harness in
            let client = try await harness.relay.client(try await harness.register(1))
            try await harness.save(1, key: NodePublicKey.fixture(77), expiry: nil, isLost: true)
            _ = try await harness.register(2)
            #expect(await client.next() == nil)
        }
    }

    @Test("a lost event is repaired when the version is told, without another one")
    func lastEventLost() async throws {
        try await AdmissionHarness.run { harness in
            let client = try await harness.relay.client(try await harness.register(1))
            try await harness.save(1, key: NodePublicKey.fixture(77), expiry: nil, isLost: true)
            try await harness.registry.publishVersion()
            #expect(await client.next() == nil)
        }
    }

    @Test("while the registry is away the copy decides")
    func registryAway() async throws {
        var limits = DERPRelayLimits()
        limits.lookupTimeout = .milliseconds(20)
        try await AdmissionHarness.run(limits: limits) { harness in
            let known = try await harness.register(1)
            try await eventually { harness.relay.admission.revoked(among: [known.publicKey]).isEmpty }
            let unseen = try await harness.register(2, isLost: true)
            await harness.stopRegistry()
            _ = try await harness.relay.client(known)
            let client = try await RelayTestClient(port: harness.relay.port, key: unseen, waits: false)
            #expect(await client.next() == nil)
        }
    }
}
