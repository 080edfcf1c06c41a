import NIOCore
import Testing

@testable import Zstandard

@Suite("Raw frames")
struct ZstdFrameTests {
    @Test("the comma is the frame that RFC 8878 describes")
    func comma() {
        #expect(Array(ZstdFrame.comma.readableBytesView) == [0x28, 0xB5, 0x2F, 0xFD, 0x20, 1, 0x09, 0, 0, 0x2C])
    }

    @Test(
        "libzstd decodes a raw frame of any length",
        arguments: [0, 1, 18, 255, 256, 131_071, 131_072, 131_073, 400_000]
    )
    func decodes(length: Int) throws {
        let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let frame = ZstdFrame.raw(bytes)
        #expect(try ZstdDecompressor.decompress(frame, outputLimit: length) == ByteBuffer(bytes: bytes))
    }

    @Test("compressed and raw frames one after another read as one text")
    func concatenation() throws {
        let compressor = try ZstdCompressor()
        var payload = ZstdFrame.raw("[".utf8)
        for (index, piece) in ["1", "2", "3"].enumerated() {
            if index > 0 { payload.writeImmutableBuffer(ZstdFrame.comma) }
            try compressor.compress(ByteBuffer(string: String(repeating: piece, count: 100)), into: &payload)
        }
        payload.writeImmutableBuffer(ZstdFrame.raw("]".utf8))
        let text = try ZstdDecompressor.decompress(payload, outputLimit: 1000)
        let expected = "[" + ["1", "2", "3"].map { String(repeating: $0, count: 100) }.joined(separator: ",") + "]"
        #expect(String(buffer: text) == expected)
    }
}
