import NIOCore
import Testing

@testable import Zstandard

@Suite("Decompressing streams")
struct ZstdDecompressorTests {
    static func frame(_ text: String) throws -> ByteBuffer {
        var frame = ByteBuffer()
        try ZstdCompressor().compress(ByteBuffer(string: text), into: &frame)
        return frame
    }

    @Test("slices of any size decode the same", arguments: [1, 2, 3, 7, 64, 100_000])
    func slices(size: Int) throws {
        var payload = try Self.frame("hello " + String(repeating: "w", count: 200_000))
        payload.writeImmutableBuffer(try Self.frame("world"))
        let decompressor = try ZstdDecompressor(outputLimit: 1 << 20)
        var output = ByteBuffer()
        while let slice = payload.readSlice(length: min(size, payload.readableBytes)), slice.readableBytes > 0 {
            try decompressor.decompress(slice, into: &output)
        }
        #expect(decompressor.isAtFrameEnd)
        #expect(String(buffer: output) == "hello " + String(repeating: "w", count: 200_000) + "world")
    }

    @Test("what a whole block holds comes out before the next one arrives")
    func prompt() throws {
        // 131072 times "x" as a block of one byte and its count, in a frame that goes on.
        let start: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38, 0x02, 0x00, 0x10, 0x78]
        let decompressor = try ZstdDecompressor(outputLimit: 1 << 20)
        var output = ByteBuffer()
        try decompressor.decompress(ByteBuffer(bytes: start), into: &output)
        #expect(output.readableBytes == 131_072)
        #expect(!decompressor.isAtFrameEnd)
    }

    @Test("a skippable frame is passed over")
    func skippable() throws {
        var payload = ByteBuffer(bytes: [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 9, 9, 9])
        payload.writeImmutableBuffer(try Self.frame("text"))
        #expect(String(buffer: try ZstdDecompressor.decompress(payload, outputLimit: 4)) == "text")
    }

    @Test("no input is no output")
    func nothing() throws {
        #expect(try ZstdDecompressor.decompress(ByteBuffer(), outputLimit: 0) == ByteBuffer())
    }

    @Test("a payload cut at any byte is truncated or damaged, never whole")
    func truncated() throws {
        let whole = try Self.frame("some text that is long enough to be worth a frame")
        for length in 1..<whole.readableBytes {
            let cut = ByteBuffer(bytes: whole.readableBytesView.prefix(length))
            #expect(throws: ZstdError.truncated, "cut at \(length)") {
                try ZstdDecompressor.decompress(cut, outputLimit: 1000)
            }
        }
    }

    @Test("output up to the limit passes, one byte more does not", arguments: [1, 65_536, 65_537, 300_000])
    func limit(length: Int) throws {
        let payload = try Self.frame(String(repeating: "x", count: length))
        #expect(try ZstdDecompressor.decompress(payload, outputLimit: length).readableBytes == length)
        #expect(throws: ZstdError.outputTooLong(limit: length - 1)) {
            try ZstdDecompressor.decompress(payload, outputLimit: length - 1)
        }
    }

    @Test("the limit counts all frames of a stream, and starts again after a reset")
    func limitOverFrames() throws {
        let payload = try Self.frame("12345678")
        let decompressor = try ZstdDecompressor(outputLimit: 10)
        var output = ByteBuffer()
        try decompressor.decompress(payload, into: &output)
        #expect(throws: ZstdError.outputTooLong(limit: 10)) { try decompressor.decompress(payload, into: &output) }
        #expect(throws: ZstdError.self) { try decompressor.decompress(payload, into: &output) }
        decompressor.reset()
        output.clear()
        try decompressor.decompress(payload, into: &output)
        #expect(String(buffer: output) == "12345678")
    }

    @Test(
        "bytes that are no frame are refused",
        arguments: [
            [0x7B, 0x7D, 0x0A, 0x0A, 0x0A],
            [0x28, 0xB5, 0x2F, 0xFD, 0x20, 1, 0x0F, 0, 0, 0x2C],
            // A dictionary that nobody has.
            [0x28, 0xB5, 0x2F, 0xFD, 0x21, 7, 1, 0x09, 0, 0, 0x2C],
            // A window of 2 GiB.
            [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0xA8, 0x09, 0, 0, 0x2C],
        ] as [[UInt8]]
    )
    func hostile(bytes: [UInt8]) {
        #expect {
            try ZstdDecompressor.decompress(ByteBuffer(bytes: bytes), outputLimit: 100)
        } throws: { error in
            guard case .corrupt = error as? ZstdError else { return false }
            return true
        }
    }

    @Test("a damaged byte anywhere never crashes and never passes the limit")
    func damaged() throws {
        let whole = Array(try Self.frame(String(repeating: "peer,", count: 300)).readableBytesView)
        for index in whole.indices {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var bytes = whole
                bytes[index] ^= flip
                let output = try? ZstdDecompressor.decompress(ByteBuffer(bytes: bytes), outputLimit: 2000)
                #expect(output?.readableBytes ?? 0 <= 2000)
            }
        }
    }
}
