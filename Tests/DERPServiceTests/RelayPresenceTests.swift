import DERPProtocol
import Keys
import NIOCore
import TestKit
import Testing

@testable import DERPService

@Suite("Relay: who is here", .timeLimit(.minutes(1)))
struct RelayPresenceTests {
    private let packet = ByteBuffer(bytes: [1])

    @Test("who received from a client hears that it left; others do not")
    func peerGone() async throws {
        try await RelayHarness.run { harness in
            let (leaving, receiver, sender) = try await (harness.client(), harness.client(), harness.client())
            try await leaving.send(packet, to: receiver.publicKey)
            _ = try await receiver.nextPacket()
            try await sender.send(packet, to: leaving.publicKey)
            _ = try await leaving.nextPacket()

            await leaving.close()
            #expect(await receiver.next() == .peerGone(leaving.publicKey, .disconnected))
            try await receiver.ping()
            try await sender.ping()
        }
    }

    @Test("a client that came back is reported gone again only to those who heard from it again")
    func goneTwice() async throws {
        try await RelayHarness.run { harness in
            let key = NodePrivateKey.generate()
            let receiver = try await harness.client()
            let first = try await harness.client(key)
            try await first.send(packet, to: receiver.publicKey)
            _ = try await receiver.nextPacket()
            await first.close()
            #expect(await receiver.next() == .peerGone(key.publicKey, .disconnected))

            let second = try await harness.client(key)
            await second.close()
            try await eventually { !harness.relay.connectedKeys.contains(key.publicKey) }
            try await receiver.ping()
        }
    }

    @Test("of two connections with one key the newest receives, then the one that sent last")
    func duplicates() async throws {
        try await RelayHarness.run { harness in
            let key = NodePrivateKey.generate()
            let sender = try await harness.client()
            let old = try await harness.client(key)
            let new = try await harness.client(key)
            try await sender.send(ByteBuffer(bytes: [1]), to: key.publicKey)
            #expect(try await new.nextPacket().bytes == ByteBuffer(bytes: [1]))

            try await old.ping()
            try await sender.send(ByteBuffer(bytes: [2]), to: key.publicKey)
            #expect(try await old.nextPacket().bytes == ByteBuffer(bytes: [2]))

            try await new.send(packet, to: sender.publicKey)
            _ = try await sender.nextPacket()
            try await sender.send(ByteBuffer(bytes: [3]), to: key.publicKey)
            #expect(try await new.nextPacket().bytes == ByteBuffer(bytes: [3]))
            try await old.ping()
        }
    }

    @Test("when one of two connections with one key closes, the other receives and nobody is told")
    func duplicateCloses() async throws {
        try await RelayHarness.run { harness in
            let key = NodePrivateKey.generate()
            let sender = try await harness.client()
            let old = try await harness.client(key)
            let new = try await harness.client(key)
            try await new.send(packet, to: sender.publicKey)
            _ = try await sender.nextPacket()
            await new.close()
            try await eventually { harness.relay.connectionCount == 2 }
            try await sender.send(packet, to: key.publicKey)
            _ = try await old.nextPacket()
            #expect(harness.relay.connectedKeys.contains(key.publicKey))
            await old.close()
            #expect(await sender.next() == .peerGone(key.publicKey, .disconnected))
        }
    }

    @Test("beyond the limit of clients an upgrade is refused, and a place becomes free again")
    func full() async throws {
        var limits = DERPRelayLimits()
        limits.clients = 1
        try await RelayHarness.run(limits: limits) { harness in
            let first = try await harness.client()
            #expect(!harness.relay.hasRoom)
            await first.close()
            try await eventually { harness.relay.hasRoom }
            _ = try await harness.client()
        }
    }

    @Test("when the relay stops, all are disconnected")
    func shutDown() async throws {
        try await RelayHarness.run { harness in
            let (first, second) = (try await harness.client(), try await harness.client())
            harness.relay.shutDown()
            #expect(await first.next() == nil)
            #expect(await second.next() == nil)
        }
    }
}
