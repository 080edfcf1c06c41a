public import NIOCore

/// Tells a client from which address and port its request came.
///
/// - Wire: one XOR-MAPPED-ADDRESS and nothing else: zero (1 byte) · family (1) · port (2) · address (4 or 16), port and
///   address exclusive-ored with cookie and transaction so that no middlebox rewrites them.
/// - Source: RFC 8489 section 14.2; `net/stun/stun.go`, `Response` and `ParseResponse`.
public struct STUNBindingResponse: Hashable, Sendable {
    private enum Family {
        static let v4: UInt8 = 1
        static let v6: UInt8 = 2
    }

    public let transaction: STUNTransactionID
    public let address: STUNMappedAddress

    public init(transaction: STUNTransactionID, address: STUNMappedAddress) {
        self.transaction = transaction
        self.address = address
    }

    /// Reads the first address that stands in the response under any of its three attribute numbers.
    ///
    /// - Parameter datagram: one datagram and nothing else.
    public init(decoding datagram: ByteBuffer) throws(STUNError) {
        var message = try STUNMessage(decoding: datagram)
        guard message.type == STUNMessage.MessageType.bindingResponse else { throw .wrongType(message.type) }
        while let attribute = message.nextAttribute() {
            let mask: Mask
            switch attribute.type {
            case STUNMessage.AttributeType.xorMappedAddress, STUNMessage.AttributeType.oldXORMappedAddress:
                mask = Mask(message.transaction)
            case STUNMessage.AttributeType.mappedAddress:
                mask = .none
            default:
                continue
            }
            self.init(transaction: message.transaction, address: try Self.address(attribute.value, mask))
            return
        }
        throw .noAddress
    }

    /// Appends the response, 32 bytes for IPv4 and 44 for IPv6.
    public func encode(into output: inout ByteBuffer) {
        let mask = Mask(transaction)
        let (family, valueLength) =
            switch address.host {
            case .v4: (Family.v4, 8)
            case .v6: (Family.v6, 20)
            }
        STUNMessage.writeHeader(
            type: STUNMessage.MessageType.bindingResponse,
            attributeLength: 4 + valueLength,
            transaction: transaction,
            into: &output
        )
        output.writeMultipleIntegers(
            STUNMessage.AttributeType.xorMappedAddress,
            UInt16(valueLength),
            UInt8(0),
            family,
            address.port ^ mask.port
        )
        switch address.host {
        case .v4(let number): output.writeInteger(number ^ mask.v4)
        case .v6(let high, let low): output.writeMultipleIntegers(high ^ mask.v6High, low ^ mask.v6Low)
        }
    }

    private static func address(_ value: ByteBuffer, _ mask: Mask) throws(STUNError) -> STUNMappedAddress {
        var rest = value
        guard let (_, family, port) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self) else {
            throw .malformed
        }
        let host: STUNMappedAddress.Host
        switch (family, rest.readableBytes) {
        case (Family.v4, 4):
            guard let number = rest.readInteger(as: UInt32.self) else { throw .malformed }
            host = .v4(number ^ mask.v4)
        case (Family.v6, 16):
            guard let (high, low) = rest.readMultipleIntegers(as: (UInt64, UInt64).self) else { throw .malformed }
            host = .v6(high: high ^ mask.v6High, low: low ^ mask.v6Low)
        default:
            throw .malformed
        }
        return STUNMappedAddress(host: host, port: port ^ mask.port)
    }
}

/// What port and address are exclusive-ored with: cookie, then transaction.
private struct Mask {
    static let none = Mask(port: 0, v4: 0, v6High: 0, v6Low: 0)

    let port: UInt16
    let v4: UInt32
    let v6High: UInt64
    let v6Low: UInt64

    init(port: UInt16, v4: UInt32, v6High: UInt64, v6Low: UInt64) {
        self.port = port
        self.v4 = v4
        self.v6High = v6High
        self.v6Low = v6Low
    }

    init(_ transaction: STUNTransactionID) {
        let cookie = STUNMessage.cookie
        self.init(
            port: UInt16(truncatingIfNeeded: cookie >> 16),
            v4: cookie,
            v6High: UInt64(cookie) << 32 | transaction.high >> 32,
            v6Low: transaction.high << 32 | UInt64(transaction.low)
        )
    }
}
