public import NIOCore

/// Frames of a map stream.
///
/// - Wire: length of the payload (4 bytes, LITTLE-endian) · payload, which is JSON or zstd frames of JSON.
public enum MapFrame {
    /// Bytes before each payload.
    public static let headerLength = 4
    /// Longest payload sent, in bytes; clients have no limit of their own.
    public static let payloadLimit = WireLimit.responseLength

    /// Appends the header of a payload of `length` bytes, which may come in pieces after it.
    public static func writeHeader(payloadLength length: Int, to buffer: inout ByteBuffer) throws(TailcfgDecodingError)
    {
        guard length >= 0, length <= payloadLimit, let length = UInt32(exactly: length) else {
            throw .tooLarge(length: length, limit: payloadLimit)
        }
        buffer.writeInteger(length, endianness: .little)
    }

    /// Appends a whole frame.
    public static func write(_ payload: ByteBuffer, to buffer: inout ByteBuffer) throws(TailcfgDecodingError) {
        try writeHeader(payloadLength: payload.readableBytes, to: &buffer)
        buffer.writeImmutableBuffer(payload)
    }
}

/// Cuts a map stream into payloads, as a client does.
///
/// - Input: bytes in arrival order, split anywhere.
/// - Errors: ``TailcfgDecodingError/tooLarge(length:limit:)``, before the payload arrives. After it, the decoder is spent.
public struct MapFrameDecoder: Sendable {
    private let payloadLimit: Int
    private var buffer = ByteBuffer()

    /// - Parameter payloadLimit: Longest payload accepted, in bytes.
    public init(payloadLimit: Int = MapFrame.payloadLimit) {
        self.payloadLimit = payloadLimit
    }

    public mutating func append(_ bytes: ByteBuffer) {
        buffer.writeImmutableBuffer(bytes)
    }

    /// Returns the next whole payload, or `nil` when more bytes are needed.
    public mutating func next() throws(TailcfgDecodingError) -> ByteBuffer? {
        var attempt = buffer
        guard let length = attempt.readInteger(endianness: .little, as: UInt32.self) else { return nil }
        guard length <= payloadLimit else { throw .tooLarge(length: Int(length), limit: payloadLimit) }
        guard let payload = attempt.readSlice(length: Int(length)) else { return nil }
        buffer = attempt
        buffer.discardReadBytes()
        return payload
    }
}
