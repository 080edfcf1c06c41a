import NIOCore
import Testing

@testable import TailcfgWire

@Suite("Frames of a map stream")
struct MapFrameTests {
    static func stream() throws -> ByteBuffer {
        var stream = ByteBuffer()
        try MapFrame.write(ByteBuffer(string: "{}"), to: &stream)
        try MapFrame.write(ByteBuffer(), to: &stream)
        try MapFrame.write(ByteBuffer(string: "[1]"), to: &stream)
        return stream
    }

    @Test("the length comes first, its lowest byte first")
    func header() throws {
        var buffer = ByteBuffer()
        try MapFrame.writeHeader(payloadLength: 0x0102_03, to: &buffer)
        #expect(Array(buffer.readableBytesView) == [3, 2, 1, 0])
    }

    @Test("a stream split at any byte decodes the same", arguments: 0...17)
    func splitAnywhere(cut: Int) throws {
        let bytes = Array(try Self.stream().readableBytesView)
        #expect(bytes.count == 17)
        var decoder = MapFrameDecoder()
        var payloads: [String] = []
        for part in [bytes.prefix(cut), bytes.dropFirst(cut)] {
            decoder.append(ByteBuffer(bytes: part))
            while let payload = try decoder.next() { payloads.append(String(buffer: payload)) }
        }
        #expect(payloads == ["{}", "", "[1]"])
    }

    @Test("a length above the limit is refused before its payload arrives, in both directions")
    func oversized() {
        var decoder = MapFrameDecoder(payloadLimit: 16)
        decoder.append(ByteBuffer(bytes: [17, 0, 0, 0]))
        #expect(throws: TailcfgDecodingError.tooLarge(length: 17, limit: 16)) { try decoder.next() }
        var buffer = ByteBuffer()
        for length in [-1, MapFrame.payloadLimit + 1, Int.max] {
            #expect(throws: TailcfgDecodingError.self) { try MapFrame.writeHeader(payloadLength: length, to: &buffer) }
        }
        #expect(buffer.readableBytes == 0)
    }
}
