import Keys
import NIOCore

/// First message of the handshake, client to server.
///
/// - Wire: version (2 bytes) · type 1 · length 96 (2 bytes) · ephemeral key (32) · sealed static key (48) · tag (16);
///   integers big-endian.
/// - Source: `control/controlbase/messages.go`, `initiationMessage`.
struct NoiseInitiation {
    static let length = 101
    static let bodyLength = 96
    static let sealedKeyLength = KeyBytes.length + NoiseRecord.tagLength

    var version: UInt16
    var ephemeral: KeyBytes
    var sealedKey: ByteBuffer
    var tag: ByteBuffer

    init(version: UInt16, ephemeral: KeyBytes, sealedKey: ByteBuffer, tag: ByteBuffer) {
        self.version = version
        self.ephemeral = ephemeral
        self.sealedKey = sealedKey
        self.tag = tag
    }

    init(decoding message: ByteBuffer) throws(NoiseError) {
        var rest = message
        guard message.readableBytes == Self.length,
            let (version, type, bodyLength) = rest.readMultipleIntegers(as: (UInt16, UInt8, UInt16).self)
        else { throw .wrongLength(expected: Self.length, actual: message.readableBytes) }
        guard type == NoiseMessageType.initiation else { throw .wrongType(type) }
        guard bodyLength == Self.bodyLength,
            let ephemeral = rest.readKeyBytes(),
            let sealedKey = rest.readSlice(length: Self.sealedKeyLength),
            let tag = rest.readSlice(length: NoiseRecord.tagLength)
        else { throw .wrongLength(expected: Self.bodyLength, actual: Int(bodyLength)) }
        self.init(version: version, ephemeral: ephemeral, sealedKey: sealedKey, tag: tag)
    }

    func encoded() -> ByteBuffer {
        var message = ByteBuffer()
        message.reserveCapacity(Self.length)
        message.writeMultipleIntegers(version, NoiseMessageType.initiation, UInt16(Self.bodyLength))
        ephemeral.withUnsafeBytes { _ = message.writeBytes($0) }
        message.writeImmutableBuffer(sealedKey)
        message.writeImmutableBuffer(tag)
        return message
    }
}
