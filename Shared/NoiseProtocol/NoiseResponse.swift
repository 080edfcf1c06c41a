import Keys
import NIOCore

/// Second and last message of the handshake, server to client.
///
/// - Wire: type 2 · length 48 (2 bytes, big-endian) · ephemeral key (32) · tag (16).
/// - Source: `control/controlbase/messages.go`, `responseMessage`.
struct NoiseResponse {
    static let length = 51
    static let bodyLength = 48

    var ephemeral: KeyBytes
    var tag: ByteBuffer

    init(ephemeral: KeyBytes, tag: ByteBuffer) {
        self.ephemeral = ephemeral
        self.tag = tag
    }

    /// Throws ``NoiseError/refused(text:)`` for an error message, which the server may send instead.
    init(decoding message: ByteBuffer) throws(NoiseError) {
        if let refusal = NoiseErrorMessage(decoding: message) { throw .refused(text: refusal.text) }
        var rest = message
        guard let (type, bodyLength) = rest.readMultipleIntegers(as: (UInt8, UInt16).self) else {
            throw .wrongLength(expected: Self.length, actual: message.readableBytes)
        }
        guard type == NoiseMessageType.response else { throw .wrongType(type) }
        guard bodyLength == Self.bodyLength, rest.readableBytes == Self.bodyLength,
            let ephemeral = rest.readKeyBytes(),
            let tag = rest.readSlice(length: NoiseRecord.tagLength)
        else { throw .wrongLength(expected: Self.length, actual: message.readableBytes) }
        self.init(ephemeral: ephemeral, tag: tag)
    }

    func encoded() -> ByteBuffer {
        var message = ByteBuffer()
        message.reserveCapacity(Self.length)
        message.writeMultipleIntegers(NoiseMessageType.response, UInt16(Self.bodyLength))
        ephemeral.withUnsafeBytes { _ = message.writeBytes($0) }
        message.writeImmutableBuffer(tag)
        return message
    }
}

extension ByteBuffer {
    /// Reads the 32 bytes of a key, or `nil` when there are fewer.
    mutating func readKeyBytes() -> KeyBytes? {
        readSlice(length: KeyBytes.length).flatMap { KeyBytes($0.readableBytesView) }
    }
}
