import DERPProtocol
import Keys
import NIOCore
import Testing

@Suite("DERP packets for one destination")
struct DERPPacketsTests {
    private let source = NodePrivateKey.generate().publicKey
    private let first = NodePrivateKey.generate().publicKey
    private let second = NodePrivateKey.generate().publicKey

    @Test("packets that follow each other to one destination come in one piece, rewritten for the receiver")
    func joined() throws {
        let packets = [ByteBuffer(bytes: [1]), ByteBuffer(), ByteBuffer(bytes: [2, 3])]
        let inputs = try inputs(of: packets.map { SendPacketFrame(destination: first, packet: $0).encoded })
        guard case .packets(let joined) = try #require(inputs.first), inputs.count == 1 else {
            Issue.record("\(inputs)")
            return
        }
        #expect(joined.count == 3)
        #expect(joined.destination == first)
        var wire = ByteBuffer(string: "before")
        joined.encode(from: source, into: &wire)
        let expected = packets.map { ReceivePacketFrame(source: source, packet: $0).encoded }
        #expect(wire == expected.reduce(into: ByteBuffer(string: "before")) { $0.writeImmutableBuffer($1) })
    }

    @Test("another destination, another kind or another frame begins a new piece")
    func separated() throws {
        let inputs = try inputs(of: [
            packet(to: first), packet(to: second), packet(to: second), disco(to: second), disco(to: second),
            PingFrame(data: 1).encoded, packet(to: second),
        ])
        #expect(inputs.map(destination) == [first, second, second, nil, second])
        #expect(inputs.map(count) == [1, 2, 2, 0, 1])
        #expect(inputs.map(isDisco) == [false, false, true, false, false])
    }

    @Test("however the stream is cut, the packets are the same")
    func cutAnywhere() throws {
        let stream = [packet(to: first), packet(to: first), PingFrame(data: 1).encoded, disco(to: second)]
            .reduce(into: [UInt8]()) { $0 += $1.readableBytesView }
        for cut in 0...stream.count {
            var decoder = DERPFrameDecoder(framesFrom: .client)
            var inputs: [DERPInput] = []
            for part in [stream[..<cut], stream[cut...]] {
                decoder.append(ByteBuffer(bytes: part))
                while let input = try decoder.nextInput() { inputs.append(input) }
            }
            #expect(inputs.map(count).reduce(0, +) == 3, "cut at \(cut)")
            var wire = ByteBuffer()
            for case .packets(let packets) in inputs { packets.encode(from: source, into: &wire) }
            var expected = ReceivePacketFrame(source: source, packet: ByteBuffer(bytes: [7])).encoded
            expected.writeImmutableBuffer(ReceivePacketFrame(source: source, packet: ByteBuffer(bytes: [7])).encoded)
            expected.writeImmutableBuffer(ReceivePacketFrame(source: source, packet: discoPacket).encoded)
            #expect(wire == expected, "cut at \(cut)")
        }
    }

    @Test("packets whole before a fault come first, however the stream is cut", arguments: [1, 5, 100, 1000])
    func beforeTheFault(sliceLength: Int) throws {
        var stream = packet(to: first)
        stream.writeImmutableBuffer(packet(to: first))
        stream.writeBytes([0x04, 0xFF, 0xFF, 0xFF, 0xFF])
        var decoder = DERPFrameDecoder(framesFrom: .client)
        var found = 0
        #expect(throws: DERPFramingError.self) {
            while let slice = stream.readSlice(length: min(sliceLength, stream.readableBytes)), slice.readableBytes > 0
            {
                decoder.append(slice)
                while let input = try decoder.nextInput() { found += count(input) }
            }
        }
        #expect(found == 2)
    }

    @Test("a disco packet is one that is long enough and has the magic")
    func discoMagic() throws {
        var short = discoPacket
        short = short.readSlice(length: 61) ?? short
        var other = discoPacket
        other.setInteger(UInt8(0xAD), at: 5)
        let inputs = try inputs(
            of: [discoPacket, short, other].map { SendPacketFrame(destination: first, packet: $0).encoded }
        )
        #expect(inputs.map(isDisco) == [true, false])
        #expect(inputs.map(count) == [1, 2])
    }

    private var discoPacket: ByteBuffer {
        ByteBuffer(bytes: [0x54, 0x53, 0xF0, 0x9F, 0x92, 0xAC] + [UInt8](repeating: 0, count: 56))
    }

    private func packet(to destination: NodePublicKey) -> ByteBuffer {
        SendPacketFrame(destination: destination, packet: ByteBuffer(bytes: [7])).encoded
    }

    private func disco(to destination: NodePublicKey) -> ByteBuffer {
        SendPacketFrame(destination: destination, packet: discoPacket).encoded
    }

    private func inputs(of frames: [ByteBuffer]) throws -> [DERPInput] {
        var decoder = DERPFrameDecoder(framesFrom: .client)
        for frame in frames { decoder.append(frame) }
        var inputs: [DERPInput] = []
        while let input = try decoder.nextInput() { inputs.append(input) }
        return inputs
    }

    private func destination(_ input: DERPInput) -> NodePublicKey? {
        if case .packets(let packets) = input { packets.destination } else { nil }
    }

    private func count(_ input: DERPInput) -> Int {
        if case .packets(let packets) = input { packets.count } else { 0 }
    }

    private func isDisco(_ input: DERPInput) -> Bool {
        if case .packets(let packets) = input { packets.isDisco } else { false }
    }
}
