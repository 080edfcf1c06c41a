public import NIOCore

/// A request inside a Noise connection.
public struct ControlRequest: Sendable {
    public var method: String
    public var path: String
    public var headers: [(name: String, value: String)]
    public var body: ByteBuffer

    public init(
        _ method: String,
        _ path: String,
        headers: [(name: String, value: String)] = [],
        body: ByteBuffer = ByteBuffer()
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }
}

/// A whole answer inside a Noise connection.
public struct ControlAnswer: Sendable {
    /// Longest body kept, in bytes.
    public static let bodyLimit = 64 << 20

    public var status: Int
    public var body: ByteBuffer

    public var text: String { String(buffer: body) }

    /// The body, where the status is 200.
    public func success() throws -> ByteBuffer {
        guard status == 200 else { throw SimulatedClientError.status(status, text: text) }
        return body
    }
}
