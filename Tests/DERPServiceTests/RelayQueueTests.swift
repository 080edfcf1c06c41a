import DERPProtocol
import Keys
import NIOCore
import TestKit
import Testing

@testable import DERPService

@Suite("Relay: slow receivers", .timeLimit(.minutes(2)))
struct RelayQueueTests {
    @Test("a receiver that stalls loses the oldest packets, never the last, and the order holds")
    func dropsOldest() async throws {
        var limits = DERPRelayLimits()
        limits.writeStall = .hours(1)
        try await RelayHarness.run(limits: limits) { harness in
            let (sender, receiver) = (try await harness.client(), try await harness.client())
            try await receiver.setReading(false)
            // More than the sockets of this host and the queue hold.
            let count: UInt32 = 4000
            for number in 0..<count {
                var packet = ByteBuffer(integer: number)
                packet.writeRepeatingByte(0, count: 16 << 10)
                try await sender.send(packet, to: receiver.publicKey)
            }
            try await sender.ping()
            try await receiver.setReading(true)
            var numbers: [UInt32] = []
            while numbers.last != count - 1 {
                numbers.append(try await receiver.nextNumber())
            }
            #expect(numbers.first == 0)
            #expect(numbers.count < Int(count))
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test("a receiver that takes nothing any more is disconnected, and senders go on")
    func stalled() async throws {
        var limits = DERPRelayLimits()
        limits.writeStall = .milliseconds(100)
        try await RelayHarness.run(limits: limits) { harness in
            let (sender, receiver) = (try await harness.client(), try await harness.client())
            try await receiver.setReading(false)
            let packet = ByteBuffer(repeating: 0, count: 64 << 10)
            try await eventually("the receiver is gone") {
                try await sender.send(packet, to: receiver.publicKey)
                return !harness.relay.connectedKeys.contains(receiver.publicKey)
            }
            try await sender.ping()
        }
    }

    @Test("a queue drops its oldest frames at the limit of packets, one by one")
    func laneOfPackets() throws {
        var lane = PacketLane(packetLimit: 5, byteLimit: .max)
        #expect(lane.append(batch([1, 2, 3])) == 0)
        #expect(lane.append(batch([4, 5, 6, 7])) == 2)
        #expect(lane.packets == 5)
        #expect(try content(&lane) == [3, 4, 5, 6, 7])
        #expect(lane.packets == 0 && lane.byteCount == 0)
    }

    @Test("a queue drops its oldest frames at the limit of bytes, but keeps the newest one")
    func laneOfBytes() throws {
        let frameLength = DERPFrame.headerLength + 32 + 1
        var lane = PacketLane(packetLimit: .max, byteLimit: frameLength * 2 + 1)
        #expect(lane.append(batch([1, 2, 3])) == 1)
        #expect(lane.byteCount == frameLength * 2)
        #expect(lane.append(batch([4])) == 1)
        #expect(try content(&lane) == [3, 4])

        var tiny = PacketLane(packetLimit: .max, byteLimit: 1)
        #expect(tiny.append(batch([1, 2])) == 1)
        #expect(tiny.append(batch([3])) == 1)
        #expect(try content(&tiny) == [3])
        #expect(tiny.packets == 0 && tiny.byteCount == 0)
    }

    @Test("a mailbox wakes its owner once, and again after it was found empty")
    func wakes() {
        let mailbox = Mailbox(limits: DERPRelayLimits())
        #expect(mailbox.put(batch([1]), in: .other).mustWake)
        #expect(!mailbox.put(batch([2]), in: .other).mustWake)
        #expect(mailbox.take() != nil)
        #expect(mailbox.take() != nil)
        #expect(mailbox.take() == nil)
        #expect(mailbox.put(batch([3]), in: .disco).mustWake)
        mailbox.suspend()
        #expect(!mailbox.put(batch([4]), in: .disco).mustWake)
        mailbox.close()
        #expect(mailbox.put(batch([5]), in: .other).isClosed)
        #expect(mailbox.take() == nil)
    }

    @Test("a flood of packets does not push out disco packets, and both take turns")
    func lanes() {
        var limits = DERPRelayLimits()
        limits.queuedPackets = 2
        let mailbox = Mailbox(limits: limits)
        _ = mailbox.put(batch([100]), in: .disco)
        for number: UInt8 in 1...10 {
            #expect(mailbox.put(batch([number]), in: .other).dropped == (number > 2 ? 1 : 0))
        }
        _ = mailbox.put(batch([101]), in: .disco)
        let order = (0..<4).compactMap { _ in mailbox.take()?.bytes.readableBytesView.last }
        #expect(Set(order) == [9, 10, 100, 101])
        #expect(abs((order.firstIndex(of: 100) ?? 9) - (order.firstIndex(of: 9) ?? 0)) == 1)
    }

    /// Packets of one byte each for one destination.
    private func batch(_ packets: [UInt8]) -> PacketBatch {
        var frames = ByteBuffer()
        for packet in packets {
            frames.writeImmutableBuffer(
                SendPacketFrame(destination: .fixture(1), packet: ByteBuffer(bytes: [packet])).encoded
            )
        }
        var decoder = DERPFrameDecoder(framesFrom: .client)
        decoder.append(frames)
        guard case .packets(let joined) = try? decoder.nextInput() else { return PacketBatch(frame: ByteBuffer()) }
        return PacketBatch(joined, from: .fixture(2))
    }

    private func content(_ lane: inout PacketLane) throws -> [UInt8] {
        var packets: [UInt8] = []
        while let batch = lane.next() {
            var decoder = DERPFrameDecoder(framesFrom: .server)
            decoder.append(batch.bytes)
            while let frame = try decoder.next() {
                packets += try ReceivePacketFrame(body: frame.body).packet.readableBytesView
            }
        }
        return packets
    }
}
