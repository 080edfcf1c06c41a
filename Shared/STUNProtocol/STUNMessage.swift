import NIOCore

/// The frame that requests and responses share.
///
/// - Wire: type (2 bytes) · attribute length (2) · cookie (4) · transaction (12) · attributes; all big-endian.
/// - Attribute: type (2 bytes) · value length (2) · value, padded to a multiple of 4.
/// - Source: RFC 8489 sections 5, 14 and 14.7.
struct STUNMessage {
    enum MessageType {
        static let bindingRequest: UInt16 = 0x0001
        static let bindingResponse: UInt16 = 0x0101
    }

    enum AttributeType {
        static let mappedAddress: UInt16 = 0x0001
        static let xorMappedAddress: UInt16 = 0x0020
        /// What some servers sent before RFC 5389 settled the number.
        static let oldXORMappedAddress: UInt16 = 0x8020
        static let software: UInt16 = 0x8022
        static let fingerprint: UInt16 = 0x8028
    }

    struct Attribute {
        var type: UInt16
        var value: ByteBuffer
    }

    static let headerLength = 20
    static let cookie: UInt32 = 0x2112_A442
    /// Attribute header and checksum.
    static let fingerprintLength = 8
    private static let fingerprintMask: UInt32 = 0x5354_554E

    let type: UInt16
    let transaction: STUNTransactionID
    private var attributes: ByteBuffer
    let isFingerprinted: Bool

    /// Checks the whole message: lengths, every attribute's bounds, and FINGERPRINT where there is one.
    ///
    /// - Parameter datagram: one datagram and nothing else.
    init(decoding datagram: ByteBuffer) throws(STUNError) {
        var rest = datagram
        guard
            let (type, length, cookie, high, low) = rest.readMultipleIntegers(
                as: (UInt16, UInt16, UInt32, UInt64, UInt32).self
            ), type & 0xC000 == 0, cookie == Self.cookie
        else { throw .notSTUN }
        guard length % 4 == 0, rest.readableBytes == Int(length) else { throw .malformed }
        self.type = type
        transaction = STUNTransactionID(high: high, low: low)
        attributes = rest
        isFingerprinted = try Self.checkAttributes(rest, of: datagram)
    }

    /// Returns whether there is a FINGERPRINT, which by then has been found right.
    private static func checkAttributes(_ attributes: ByteBuffer, of datagram: ByteBuffer) throws(STUNError) -> Bool {
        var rest = attributes
        while rest.readableBytes > 0 {
            let covered = datagram.readableBytes - rest.readableBytes
            guard var attribute = next(&rest) else { throw .malformed }
            guard attribute.type == AttributeType.fingerprint else { continue }
            guard rest.readableBytes == 0, attribute.value.readableBytes == 4,
                let claimed = attribute.value.readInteger(as: UInt32.self)
            else { throw .malformed }
            let actual = fingerprint(datagram.readableBytesView.prefix(covered))
            guard claimed == actual else { throw .wrongFingerprint }
            return true
        }
        return false
    }

    static func fingerprint(_ bytes: some Sequence<UInt8>) -> UInt32 {
        CRC32.checksum(bytes) ^ fingerprintMask
    }

    /// The next attribute, or `nil` at the end.
    mutating func nextAttribute() -> Attribute? {
        Self.next(&attributes)
    }

    /// Returns `nil` at the end, and where an attribute is longer than what is left.
    private static func next(_ rest: inout ByteBuffer) -> Attribute? {
        var attempt = rest
        guard let (type, length) = attempt.readMultipleIntegers(as: (UInt16, UInt16).self),
            let value = attempt.readSlice(length: Int(length)),
            attempt.readSlice(length: paddingLength(after: Int(length))) != nil
        else { return nil }
        rest = attempt
        return Attribute(type: type, value: value)
    }

    private static func paddingLength(after length: Int) -> Int { (4 - length % 4) % 4 }

    static func writeHeader(
        type: UInt16,
        attributeLength: Int,
        transaction: STUNTransactionID,
        into output: inout ByteBuffer
    ) {
        output.writeMultipleIntegers(
            type,
            UInt16(truncatingIfNeeded: attributeLength),
            cookie,
            transaction.high,
            transaction.low
        )
    }
}
