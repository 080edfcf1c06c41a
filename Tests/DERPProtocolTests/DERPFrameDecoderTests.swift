import DERPProtocol
import Keys
import NIOCore
import Testing

@Suite("DERP framing")
struct DERPFrameDecoderTests {
    private static let names = ["ping", "send packet", "note preferred, home", "send packet", "watch connections"]

    @Test("a stream cut at any two bytes gives the same frames")
    func splitAnywhere() throws {
        let stream = try Self.names.reduce(into: [UInt8]()) { $0 += try VectorFiles.frame($1).readableBytesView }
        for first in 0...stream.count {
            for second in stride(from: first, through: stream.count, by: 7) {
                let cuts = [stream[..<first], stream[first..<second], stream[second...]]
                var decoder = DERPFrameDecoder(framesFrom: .client)
                var frames: [DERPFrame] = []
                for cut in cuts {
                    decoder.append(ByteBuffer(bytes: cut))
                    while let frame = try decoder.next() { frames.append(frame) }
                }
                #expect(frames.map(\.type) == [.ping, .sendPacket, .notePreferred, .sendPacket, .watchConnections])
                #expect(encoded(frames) == stream, "cut at \(first) and \(second)")
            }
        }
    }

    @Test("bytes given one by one, or all before the first question, give the same frames", arguments: [true, false])
    func byteByByte(isAskedBetween: Bool) throws {
        let stream = try Self.names.reduce(into: [UInt8]()) { $0 += try VectorFiles.frame($1).readableBytesView }
        var decoder = DERPFrameDecoder(framesFrom: .client)
        var frames: [DERPFrame] = []
        for byte in stream {
            decoder.append(ByteBuffer(bytes: [byte]))
            while isAskedBetween, let frame = try decoder.next() { frames.append(frame) }
        }
        while let frame = try decoder.next() { frames.append(frame) }
        #expect(encoded(frames) == stream)
    }

    @Test(
        "a length that no frame of the type may have is refused before the body arrives",
        arguments: [
            (0x02, 55), (0x02, (256 << 10) + 1), (0x04, 31), (0x04, 32 + 65536 + 1), (0x07, 0), (0x07, 2), (0x0A, 63),
            (0x0A, 64 + 65536 + 1), (0x10, 1), (0x11, 31), (0x11, 33), (0x12, 7), (0x12, 1001), (0x13, 7),
            (0x7F, (1 << 20) + 1), (0x04, 0xFFFF_FFFF), (0x00, 0xFFFF_FFFF),
        ] as [(UInt8, UInt32)]
    )
    func badLength(type: UInt8, length: UInt32) {
        for isSplit in [true, false] {
            var decoder = DERPFrameDecoder(framesFrom: .client)
            var wire = ByteBuffer(bytes: [type])
            wire.writeInteger(length)
            #expect(throws: DERPFramingError.self) {
                for byte in isSplit ? wire.readableBytesView.map({ ByteBuffer(bytes: [$0]) }) : [wire] {
                    decoder.append(byte)
                    _ = try decoder.nextInput()
                }
            }
        }
    }

    @Test("the longest packet passes and is whole")
    func longestPacket() throws {
        let packet = ByteBuffer(repeating: 0xAB, count: DERPLengths.packetLimit)
        var decoder = DERPFrameDecoder(framesFrom: .client)
        decoder.append(SendPacketFrame(destination: .zero, packet: packet).encoded)
        let frame = try #require(try decoder.next())
        #expect(try SendPacketFrame(body: frame.body).packet == packet)
    }

    @Test("an unknown frame is skipped, however it is cut", arguments: 0...16)
    func unknown(cut: Int) throws {
        let stream = [0x7F, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6] + Array(try VectorFiles.frame("ping").readableBytesView)
        var decoder = DERPFrameDecoder(framesFrom: .client)
        var types: [DERPFrameType] = []
        for part in [stream[..<cut], stream[cut...]] {
            decoder.append(ByteBuffer(bytes: part))
            while let frame = try decoder.next() { types.append(frame.type) }
        }
        #expect(types == [.ping])
    }

    @Test("frames that only the other end sends are skipped")
    func otherDirection() throws {
        var fromClient = DERPFrameDecoder(framesFrom: .client)
        fromClient.append(try VectorFiles.frame("health"))
        #expect(try fromClient.next() == nil)
        var fromServer = DERPFrameDecoder(framesFrom: .server)
        fromServer.append(try VectorFiles.frame("send packet"))
        fromServer.append(try VectorFiles.frame("keep alive"))
        #expect(try fromServer.next()?.type == .keepAlive)
    }

    private func encoded(_ frames: [DERPFrame]) -> [UInt8] {
        var buffer = ByteBuffer()
        for frame in frames { frame.encode(into: &buffer) }
        return Array(buffer.readableBytesView)
    }
}
