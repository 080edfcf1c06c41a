import DERPProtocol
import Keys
import NIOCore
import TestKit
import Testing

@Suite("Relay: packets", .timeLimit(.minutes(1)))
struct RelayPacketTests {
    @Test("two clients exchange packets both ways")
    func bothWays() async throws {
        try await RelayHarness.run { harness in
            let (first, second) = (try await harness.client(), try await harness.client())
            for number in 0..<10 {
                let there = ByteBuffer(integer: UInt32(number))
                try await first.send(there, to: second.publicKey)
                #expect(try await second.nextPacket() == RelayTestClient.Packet(source: first.publicKey, bytes: there))
                let back = ByteBuffer(integer: UInt64(number))
                try await second.send(back, to: first.publicKey)
                #expect(try await first.nextPacket() == RelayTestClient.Packet(source: second.publicKey, bytes: back))
            }
        }
    }

    @Test("packets to several clients in one write arrive complete and in order")
    func order() async throws {
        try await RelayHarness.run { harness in
            let sender = try await harness.client()
            let receivers = try await [harness.client(), harness.client(), harness.client()]
            var bytes = ByteBuffer()
            for number in 0..<900 {
                let packet = ByteBuffer(integer: UInt32(number))
                SendPacketFrame(destination: receivers[number % 3].publicKey, packet: packet).encoded
                    .withUnsafeReadableBytes { _ = bytes.writeBytes($0) }
            }
            try await sender.send(bytes)
            for (index, receiver) in receivers.enumerated() {
                for number in stride(from: index, to: 900, by: 3) {
                    #expect(try await receiver.nextPacket().bytes == ByteBuffer(integer: UInt32(number)))
                }
            }
        }
    }

    @Test("the longest packet passes, one byte more closes")
    func longest() async throws {
        try await RelayHarness.run { harness in
            let (first, second) = (try await harness.client(), try await harness.client())
            let longest = ByteBuffer(repeating: 0x5A, count: DERPLengths.packetLimit)
            try await first.send(longest, to: second.publicKey)
            #expect(try await second.nextPacket().bytes == longest)
            try await first.send(
                SendPacketFrame(
                    destination: second.publicKey,
                    packet: ByteBuffer(repeating: 0, count: DERPLengths.packetLimit + 1)
                ).encoded
            )
            #expect(await first.next() == nil)
            #expect(await second.next() == .peerGone(first.publicKey, .disconnected))
        }
    }

    @Test("a client may send to itself, and an empty packet is one")
    func toItself() async throws {
        try await RelayHarness.run { harness in
            let client = try await harness.client()
            try await client.send(ByteBuffer(), to: client.publicKey)
            let packet = try await client.nextPacket()
            #expect(packet == RelayTestClient.Packet(source: client.publicKey, bytes: ByteBuffer()))
        }
    }

    @Test("a packet for nobody is dropped; a disco packet is answered, three times at once, then once a second")
    func nobody() async throws {
        var line = try await RelayLine()
        try await line.open()
        try await line.send(ByteBuffer(bytes: [1, 2, 3]), to: NodePrivateKey.generate().publicKey)
        #expect(try await line.received().isEmpty)
        for (pause, allowed) in [
            (TimeAmount.zero, 3), (.milliseconds(999), 0), (.milliseconds(1), 1), (.seconds(9), 3),
        ] {
            await line.advance(pause)
            for number in 0..<20 {
                let other = NodePublicKey.fixture(number)
                try await line.send(RelayHarness.discoPacket, to: other)
                let answers = try await line.received().map { line.session.received($0) }
                #expect(answers == (number < allowed ? [.peerGone(other, .notHere)] : []))
            }
        }
    }

    @Test("a ping of any allowed length is answered with its first eight bytes")
    func longPing() async throws {
        try await RelayHarness.run { harness in
            let client = try await harness.client()
            var body = ByteBuffer(integer: UInt64(77))
            body.writeRepeatingByte(1, count: 992)
            var bytes = ByteBuffer()
            DERPFrame(type: .ping, body: body).encode(into: &bytes)
            try await client.send(bytes)
            #expect(await client.next() == .pong(data: 77))
        }
    }

    @Test("unknown frames and notes of the home are taken without answer")
    func quietFrames() async throws {
        try await RelayHarness.run { harness in
            let client = try await harness.client()
            var bytes = NotePreferredFrame(isHome: true).encoded
            DERPFrame(type: DERPFrameType(rawValue: 0x7F), body: ByteBuffer(repeating: 1, count: 300_000))
                .encode(into: &bytes)
            try await client.send(bytes)
            try await client.ping()
        }
    }

    @Test("frames of the relays of a region close the connection")
    func meshFrames() async throws {
        try await RelayHarness.run { harness in
            let peer = NodePrivateKey.generate().publicKey
            for frame in [
                WatchConnectionsFrame().encoded, ClosePeerFrame(peer: peer).encoded,
                ForwardPacketFrame(source: peer, destination: peer, packet: ByteBuffer()).encoded,
            ] {
                let client = try await harness.client()
                try await client.send(frame)
                #expect(await client.next() == nil)
            }
        }
    }
}
