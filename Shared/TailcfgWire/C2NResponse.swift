public import Foundation
public import NIOCore

/// What a client answered to a ``C2NRequest``.
///
/// - Wire: an HTTP/1.x response, as body of the client's POST to the question's URL. The Go client ends a body of unknown length with the
///   POST itself; the Rust client sends no header fields at all.
public struct C2NResponse: Hashable, Sendable {
    /// Longest head, in bytes.
    public static let headLimit = 32 << 10
    /// Most header fields.
    public static let fieldLimit = 128

    public var status: Int
    /// In their order, names as they were sent.
    public var fields: [(name: String, value: String)]
    public var body: Data

    /// Why an answer does not read.
    public enum Fault: Error, Hashable, Sendable {
        case statusLine
        case field
        /// Longer than ``C2NResponse/headLimit``, or more than ``C2NResponse/fieldLimit`` fields.
        case headTooLong
        /// What says how long the body is contradicts itself or is unknown.
        case length
        case chunk
        /// It ends before it is whole.
        case cut
        /// Something follows.
        case trailing
    }

    /// Reads an answer; whatever it is, it either reads or is refused.
    ///
    /// - Parameter isToHead: whether HEAD was asked, whose answer may say how long the body would have been.
    public static func parse(_ bytes: ByteBuffer, isToHead: Bool = false) throws(Fault) -> C2NResponse {
        var rest = HTTPText(bytes)
        let status = try self.status(of: rest.line(.statusLine))
        var fields: [(name: String, value: String)] = []
        while true {
            let line = try rest.line(.field)
            guard !line.isEmpty else { break }
            guard fields.count < fieldLimit else { throw .headTooLong }
            fields.append(try field(line))
        }
        let body = isToHead && rest.isEmpty ? Data() : try self.body(fields, &rest)
        guard rest.isEmpty else { throw .trailing }
        return C2NResponse(status: status, fields: fields, body: body)
    }

    public static func == (one: Self, other: Self) -> Bool {
        one.status == other.status && one.body == other.body
            && one.fields.elementsEqual(other.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(body)
    }

    private static func status(of line: [UInt8]) throws(Fault) -> Int {
        let text = String(decoding: line.prefix(13), as: UTF8.self)
        guard text.hasPrefix("HTTP/1.0 ") || text.hasPrefix("HTTP/1.1 ") else { throw .statusLine }
        let digits = text.dropFirst(9)
        guard digits.prefix(3).utf8.allSatisfy({ HTTPText.digits.contains($0) }), let status = Int(digits.prefix(3)),
            (200...999).contains(status), digits.count == 3 || digits.dropFirst(3).hasPrefix(" ")
        else { throw .statusLine }
        return status
    }

    private static func field(_ line: [UInt8]) throws(Fault) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { throw .field }
        let name = line[..<colon]
        guard name.allSatisfy({ HTTPText.isTokenByte($0) }) else { throw .field }
        let value = line[(colon + 1)...]
        guard value.allSatisfy({ $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }) else { throw .field }
        let text = String(decoding: value, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        return (String(decoding: name, as: UTF8.self), text)
    }

    private static func body(
        _ fields: [(name: String, value: String)],
        _ rest: inout HTTPText
    ) throws(Fault) -> Data {
        let lengths = fields.filter { $0.name.lowercased() == "content-length" }.map(\.value)
        let codings = fields.filter { $0.name.lowercased() == "transfer-encoding" }.map { $0.value.lowercased() }
        guard codings.isEmpty else {
            guard codings == ["chunked"], lengths.isEmpty else { throw .length }
            return try rest.chunks()
        }
        guard let first = lengths.first else { return rest.all() }
        guard lengths.allSatisfy({ $0 == first }), !first.isEmpty, first.count <= 10,
            first.utf8.allSatisfy({ HTTPText.digits.contains($0) }), let length = Int(first)
        else { throw .length }
        return try rest.bytes(length)
    }
}

/// Takes an HTTP/1 message apart, front to back.
private struct HTTPText {
    static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    private var rest: ByteBuffer
    /// Of lines.
    private var lineLength = 0

    init(_ bytes: ByteBuffer) { rest = bytes }

    var isEmpty: Bool { rest.readableBytes == 0 }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), digits: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// The next line without its end, which is CR LF.
    mutating func line(_ kind: C2NResponse.Fault) throws(C2NResponse.Fault) -> [UInt8] {
        let view = rest.readableBytesView.prefix(C2NResponse.headLimit + 1)
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            throw view.count > C2NResponse.headLimit ? .headTooLong : .cut
        }
        let length = end - view.startIndex + 1
        lineLength += length
        guard lineLength <= C2NResponse.headLimit else { throw .headTooLong }
        guard let line = rest.readBytes(length: length), line.dropLast().last == UInt8(ascii: "\r") else { throw kind }
        let text = line.dropLast(2)
        guard !text.contains(UInt8(ascii: "\r")) else { throw kind }
        return Array(text)
    }

    mutating func bytes(_ length: Int) throws(C2NResponse.Fault) -> Data {
        guard length <= rest.readableBytes, let bytes = rest.readBytes(length: length) else { throw .cut }
        return Data(bytes)
    }

    mutating func all() -> Data {
        Data(rest.readBytes(length: rest.readableBytes) ?? [])
    }

    /// A body in chunks; what follows the last one is read over.
    mutating func chunks() throws(C2NResponse.Fault) -> Data {
        var body = Data()
        while true {
            // The sizes are no part of the head.
            lineLength = 0
            let digits = try line(.chunk).prefix { $0 != UInt8(ascii: ";") }
            guard (1...8).contains(digits.count), digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-"),
                let length = Int(String(decoding: digits, as: UTF8.self), radix: 16)
            else { throw .chunk }
            guard length > 0 else { break }
            body += try bytes(length)
            guard try line(.chunk).isEmpty else { throw .chunk }
        }
        while try !line(.chunk).isEmpty {}
        return body
    }
}
