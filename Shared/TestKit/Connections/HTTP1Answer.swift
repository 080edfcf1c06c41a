public import NIOCore

/// An HTTP/1 response with a body of known length, or one that ends with the connection.
public struct HTTP1Answer: Sendable {
    public let status: Int
    /// Values by lower-case name, the last of each.
    public let headers: [String: String]
    public let body: ByteBuffer

    public var text: String { String(buffer: body) }

    /// Returns `nil` while the answer is not all there.
    public init?(_ bytes: ByteBuffer, isAtEnd: Bool) {
        guard let end = Self.headLength(in: bytes.readableBytesView) else { return nil }
        var rest = bytes
        guard let head = rest.readString(length: end) else { return nil }
        let lines = head.split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingSpaces
        }
        self.status = status
        self.headers = headers
        if status < 200 || status == 204 {
            body = ByteBuffer()
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            guard length >= 0, let body = rest.readSlice(length: length) else { return nil }
            self.body = body
        } else {
            guard isAtEnd else { return nil }
            body = rest
        }
    }

    /// Length of the head with the empty line after it.
    static func headLength(in bytes: ByteBufferView) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard let range = bytes.firstRange(of: mark) else { return nil }
        return bytes.distance(from: bytes.startIndex, to: range.upperBound)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
