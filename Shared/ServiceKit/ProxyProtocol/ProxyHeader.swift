import IPAddresses
import NIOCore

/// What a TCP balancer writes before the bytes of a connection, to say whose connection it is.
///
/// Pure. Both forms: the line of version 1 and the bytes of version 2.
///
/// - Source: The PROXY protocol, https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
enum ProxyHeader {
    /// Of a header, in bytes, with whatever a balancer adds to the addresses.
    static let lengthLimit = 2048
    /// Of version 1's line, with its end.
    private static let lineLimit = 107
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let word = Array("PROXY ".utf8)

    enum Outcome: Hashable {
        /// It may be one, and more bytes must come to tell.
        case incomplete
        /// The connection begins with something else, of which nothing was read.
        case none
        /// Of the balancer itself, or of a client whose address it cannot say.
        case anonymous
        case client(SocketAddress)
    }

    enum Fault: Error {
        case tooLong
        case malformed
    }

    /// Reads a header, and nothing beyond it.
    static func read(_ bytes: inout ByteBuffer) throws(Fault) -> Outcome {
        if bytes.begins(with: signature) { return try readBinary(&bytes) }
        if bytes.begins(with: word) { return try readLine(&bytes) }
        let isBeginning = bytes.isBeginning(of: signature) || bytes.isBeginning(of: word)
        return isBeginning ? .incomplete : .none
    }

    private static func readBinary(_ bytes: inout ByteBuffer) throws(Fault) -> Outcome {
        let start = bytes.readerIndex + signature.count
        guard let kind = bytes.getInteger(at: start, as: UInt8.self),
            let family = bytes.getInteger(at: start + 1, as: UInt8.self),
            let length = bytes.getInteger(at: start + 2, as: UInt16.self)
        else { return .incomplete }
        guard kind >> 4 == 2, kind & 0xF <= 1 else { throw .malformed }
        guard signature.count + 4 + Int(length) <= lengthLimit else { throw .tooLong }
        guard bytes.readableBytes >= signature.count + 4 + Int(length) else { return .incomplete }
        bytes.moveReaderIndex(forwardBy: signature.count + 4)
        guard var body = bytes.readSlice(length: Int(length)) else { throw .malformed }
        // Command 0: the balancer looks whether somebody is there.
        guard kind & 0xF == 1 else { return .anonymous }
        switch family {
        case 0x11: return try address(&body, length: 4)
        case 0x21: return try address(&body, length: 16)
        default: return .anonymous
        }
    }

    /// The first of two addresses, and the first of two ports.
    private static func address(_ body: inout ByteBuffer, length: Int) throws(Fault) -> Outcome {
        guard let packed = body.readSlice(length: length), body.readSlice(length: length) != nil,
            let port = body.readInteger(as: UInt16.self), body.readInteger(as: UInt16.self) != nil,
            let address = try? SocketAddress(packedIPAddress: packed, port: Int(port))
        else { throw .malformed }
        return .client(address)
    }

    private static func readLine(_ bytes: inout ByteBuffer) throws(Fault) -> Outcome {
        let view = bytes.readableBytesView.prefix(lineLimit)
        guard let end = view.firstIndex(of: 0x0A) else {
            guard view.count < lineLimit else { throw .tooLong }
            return .incomplete
        }
        guard end > view.startIndex, view[end - 1] == 0x0D else { throw .malformed }
        let line = String(decoding: view[..<(end - 1)], as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        bytes.moveReaderIndex(to: end + 1)
        if words.count >= 2, words[1] == "UNKNOWN" { return .anonymous }
        guard words.count == 6, let address = IPAddress(words[2]), IPAddress(words[3]) != nil,
            words[1] == (address.bitLength == 32 ? "TCP4" : "TCP6"), let port = UInt16(words[4]),
            UInt16(words[5]) != nil,
            let client = try? SocketAddress(ipAddress: "\(address)", port: Int(port))
        else { throw .malformed }
        return .client(client)
    }
}

extension ByteBuffer {
    fileprivate func begins(with bytes: [UInt8]) -> Bool { readableBytesView.starts(with: bytes) }

    /// Whether nothing differs so far.
    fileprivate func isBeginning(of bytes: [UInt8]) -> Bool {
        readableBytes < bytes.count && bytes.starts(with: readableBytesView)
    }
}
