/// Carries one request to a server's admin API.
protocol AdminTransport: Sendable {
    func send(_ request: AdminRequest) async throws(CommandFailure) -> AdminReply
}

/// One request to the admin API.
struct AdminRequest: Hashable, Sendable {
    enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    var method: Method
    /// Parts of the path after `/api/v1`, not percent-encoded.
    var path: [String]
    /// Parameters, not percent-encoded.
    var query: [String: String] = [:]
    var body: JSONValue?
    /// How long the server itself may have to wait, beside the time that any request has.
    var patience = Duration.zero

    /// Path and query as they go on the wire.
    var target: String {
        let path = "/api/v1/" + path.map(Self.encoded).joined(separator: "/")
        guard !query.isEmpty else { return path }
        let pairs = query.sorted { $0.key < $1.key }.map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }
        return path + "?" + pairs.joined(separator: "&")
    }

    /// Percent-encodes everything but letters, digits, `-`, `_` and `.`.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                return String(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }.joined()
    }
}

/// What the server said.
struct AdminReply: Hashable, Sendable {
    var status: Int
    var body: [UInt8]
}
