import NIOCore
import Testing

@testable import Zstandard

@Suite("Compressing messages")
struct ZstdCompressorTests {
    static let message = ByteBuffer(string: String(repeating: #"{"ID":1,"Name":"a.example."},"#, count: 500))

    @Test("a frame decodes to what went in", arguments: [-5, 1, 3, 19])
    func roundTrip(level: Int) throws {
        let compressor = try ZstdCompressor(level: level)
        var frame = ByteBuffer()
        try compressor.compress(Self.message, into: &frame)
        #expect(frame.readableBytes < Self.message.readableBytes / 5)
        #expect(try ZstdDecompressor.decompress(frame, outputLimit: 1 << 20) == Self.message)
    }

    @Test("a level out of range is the nearest in it", arguments: [1000, -1_000_000_000, Int.max, Int.min])
    func levelOutOfRange(level: Int) throws {
        var frame = ByteBuffer()
        try ZstdCompressor(level: level).compress(Self.message, into: &frame)
        #expect(try ZstdDecompressor.decompress(frame, outputLimit: 1 << 20) == Self.message)
    }

    @Test("an empty message is an empty frame")
    func empty() throws {
        var frame = ByteBuffer()
        try ZstdCompressor().compress(ByteBuffer(), into: &frame)
        #expect(frame.readableBytes > 4)
        #expect(try ZstdDecompressor.decompress(frame, outputLimit: 0) == ByteBuffer())
    }

    @Test("each call makes a frame of its own, after what the buffer holds")
    func independentFrames() throws {
        let compressor = try ZstdCompressor()
        var once = ByteBuffer()
        try compressor.compress(Self.message, into: &once)
        var twice = ByteBuffer(string: "prefix")
        try compressor.compress(Self.message, into: &twice)
        try compressor.compress(Self.message, into: &twice)
        #expect(twice.readString(length: 6) == "prefix")
        #expect(twice.readSlice(length: once.readableBytes) == once)
        #expect(twice == once)
    }

    @Test("a frame carries its content size and no checksum")
    func descriptor() throws {
        var frame = ByteBuffer()
        try ZstdCompressor().compress(Self.message, into: &frame)
        let descriptor = try #require(frame.getInteger(at: frame.readerIndex + 4, as: UInt8.self))
        #expect(descriptor & 0x04 == 0)
        #expect(descriptor & 0xE0 != 0)
    }

    @Test("the keep-alive of 18 bytes compresses to the 27 bytes that clients short-circuit on")
    func keepAliveLength() throws {
        var frame = ByteBuffer()
        try ZstdCompressor(level: 3).compress(ByteBuffer(string: #"{"KeepAlive":true}"#), into: &frame)
        #expect(frame.readableBytes == 27)
    }
}
