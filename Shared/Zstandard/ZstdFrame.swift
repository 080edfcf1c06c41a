public import NIOCore

/// Frames made without compressing: for constant pieces between shared frames.
///
/// - Wire: magic · descriptor with single-segment flag · content size (1 or 8 bytes) · raw blocks.
/// - Source: RFC 8878 §3.1.1.1 and §3.1.1.2.
public enum ZstdFrame {
    /// The frame of `,`, which stands between two shared pieces of a list.
    public static let comma = raw(",".utf8)

    /// Longest block of the format, in bytes.
    private static let blockLimit = 128 << 10

    /// A frame that holds `bytes` as they are, 9 bytes longer for fewer than 256.
    public static func raw(_ bytes: some Collection<UInt8>) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(UInt32(0xFD2F_B528), endianness: .little)
        if let length = UInt8(exactly: bytes.count) {
            frame.writeMultipleIntegers(UInt8(0x20), length)
        } else {
            frame.writeInteger(UInt8(0xE0))
            frame.writeInteger(UInt64(bytes.count), endianness: .little)
        }
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(blockLimit)
            rest = rest.dropFirst(blockLimit)
            let header = UInt32(block.count) << 3 | (rest.isEmpty ? 1 : 0)
            frame.writeInteger(UInt16(truncatingIfNeeded: header), endianness: .little)
            frame.writeInteger(UInt8(truncatingIfNeeded: header >> 16))
            frame.writeBytes(block)
        } while !rest.isEmpty
        return frame
    }
}
