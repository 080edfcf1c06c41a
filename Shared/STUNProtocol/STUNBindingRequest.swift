public import NIOCore

/// Asks a server from which address and port this datagram reached it.
///
/// - Source: RFC 8489 section 3; `net/stun/stun.go` for what clients of Tailscale put in it.
public struct STUNBindingRequest: Hashable, Sendable {
    private static let software = "tailnode"

    public let transaction: STUNTransactionID
    /// Whether the request carried a checksum, as every Tailscale client's does.
    ///
    /// A request without one may be as short as 20 bytes, less than the response to it.
    public let isFingerprinted: Bool

    /// A request as a Tailscale client makes it.
    public init(transaction: STUNTransactionID) {
        self.transaction = transaction
        isFingerprinted = true
    }

    /// Accepts any well-formed binding request; attributes not known are passed over.
    ///
    /// - Parameter datagram: one datagram and nothing else.
    public init(decoding datagram: ByteBuffer) throws(STUNError) {
        let message = try STUNMessage(decoding: datagram)
        guard message.type == STUNMessage.MessageType.bindingRequest else { throw .wrongType(message.type) }
        transaction = message.transaction
        isFingerprinted = message.isFingerprinted
    }

    /// Appends the request with SOFTWARE and FINGERPRINT, 40 bytes.
    public func encode(into output: inout ByteBuffer) {
        let software = Self.software.utf8
        var message = ByteBuffer()
        STUNMessage.writeHeader(
            type: STUNMessage.MessageType.bindingRequest,
            attributeLength: 4 + software.count + STUNMessage.fingerprintLength,
            transaction: transaction,
            into: &message
        )
        message.writeMultipleIntegers(STUNMessage.AttributeType.software, UInt16(software.count))
        message.writeBytes(software)
        let fingerprint = STUNMessage.fingerprint(message.readableBytesView)
        message.writeMultipleIntegers(STUNMessage.AttributeType.fingerprint, UInt16(4), fingerprint)
        output.writeBuffer(&message)
    }
}
