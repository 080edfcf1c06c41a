public import Foundation

/// A request of the control server to a client, which the client answers as an HTTP server would.
///
/// - Wire: an HTTP/1.1 request, as payload of a ``PingRequest``.
/// - Source: `tailcfg.PingRequest.Payload`; what clients answer is in `ipn/ipnlocal/c2n.go`.
public struct C2NRequest: Hashable, Sendable {
    /// Longest path with its query, in bytes.
    public static let pathLimit = 2048
    /// Longest body, in bytes.
    public static let bodyLimit = 32 << 10
    /// Longest method and longest content type, in bytes.
    public static let textLimit = 128

    public let method: String
    /// With query.
    public let path: String
    /// Empty: none is sent.
    public let contentType: String
    public let body: Data

    /// Why a request is not sent.
    public enum Fault: Error, Hashable, Sendable {
        /// Not a method: capital letters only.
        case method
        /// Not an absolute path in visible ASCII, or longer than ``C2NRequest/pathLimit``.
        case path
        case contentType
        /// Longer than ``C2NRequest/bodyLimit``.
        case bodyTooLong
    }

    /// Nothing that could end a line gets into the head of the request.
    public init(method: String = "GET", path: String, contentType: String = "", body: Data = Data()) throws(Fault) {
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        guard (1...Self.textLimit).contains(method.utf8.count), method.utf8.allSatisfy(capitals.contains) else {
            throw .method
        }
        guard path.utf8.first == UInt8(ascii: "/"), path.utf8.count <= Self.pathLimit,
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .path }
        guard contentType.utf8.count <= Self.textLimit, contentType.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else {
            throw .contentType
        }
        guard body.count <= Self.bodyLimit else { throw .bodyTooLong }
        self.method = method
        self.path = path
        self.contentType = contentType
        self.body = body
    }

    /// The request as it is sent.
    ///
    /// - Parameter patience: how long the client may work on it, in whole seconds.
    public func encoded(patience: Int) -> Data {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: unused\r\nC2n-Handler-Timeout: \(patience)s\r\n"
        if !contentType.isEmpty { head += "Content-Type: \(contentType)\r\n" }
        if !body.isEmpty { head += "Content-Length: \(body.count)\r\n" }
        return Data((head + "\r\n").utf8) + body
    }
}
