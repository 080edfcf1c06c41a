public import NIOCore

/// Where a test reaches a server.
public struct ServerAddress: Hashable, Sendable {
    public var host: String
    public var port: Int
    /// The server's certificate is not verified.
    public var isTLS: Bool

    public init(host: String = "127.0.0.1", port: Int, isTLS: Bool = false) {
        self.host = host
        self.port = port
        self.isTLS = isTLS
    }
}

/// How long anything a simulated client asks for may take before it counts as failed.
public enum PatienceLimit {
    public static let connect = TimeAmount.seconds(10)
    public static let answer = TimeAmount.seconds(20)
}

/// What goes wrong for a simulated client.
public enum SimulatedClientError: Error, CustomStringConvertible {
    /// The server did not switch protocols: its status line and body.
    case notUpgraded(answer: String)
    /// An answer other than 200 where only that will do.
    case status(Int, text: String)
    /// No answer within ``PatienceLimit/answer``.
    case noAnswer(to: String)
    /// The connection ended before the answer.
    case closed(during: String)
    /// What came is more than a client would keep.
    case tooLong(limit: Int)
    /// The answer is none that a client could read.
    case unreadable(String)

    public var description: String {
        switch self {
        case .notUpgraded(let answer): "not upgraded: \(answer)"
        case .status(let status, let text): "status \(status): \(text)"
        case .noAnswer(let subject): "no answer to \(subject)"
        case .closed(let subject): "connection closed during \(subject)"
        case .tooLong(let limit): "more than \(limit) bytes came"
        case .unreadable(let text): "unreadable: \(text)"
        }
    }
}
