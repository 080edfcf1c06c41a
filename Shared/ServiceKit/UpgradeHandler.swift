public import NIOCore
public import NIOHTTP1

/// Decides about requests that ask to leave HTTP.
///
/// A request asks when it has an `Upgrade` header (whether or not `Connection` says so too: proxies differ), or when its path
/// is one of `paths`. It may be any request of a kept-alive connection, not only the first.
public protocol UpgradeHandler: Sendable {
    /// Paths that are never ordinary routes, without query, e.g. `/ts2021`.
    var paths: Set<String> { get }

    /// Decides; called on the connection's event loop, must not block.
    ///
    /// `head.uri` is in origin form here even where the client sent it in absolute form.
    func decide(_ head: HTTPRequestHead, connection: ConnectionInfo) -> UpgradeDecision
}

/// What becomes of an upgrade request.
public enum UpgradeDecision {
    case notMine
    /// Answered with this status and a plain text; the connection closes after it.
    case refuse(HTTPResponseStatus, reason: String)
    case accept(UpgradeAcceptance)
}

/// How an accepted upgrade goes on.
public struct UpgradeAcceptance {
    /// What is sent before the protocol's own bytes.
    public enum Answer {
        /// `101 Switching Protocols` with these headers, and `Connection: upgrade` if they do not name it.
        case switchingProtocols(HTTPHeaders)
        /// Nothing: the client does not wait for an answer.
        case none
        /// The WebSocket handshake, selecting this subprotocol; binary messages then carry the byte stream.
        case webSocket(subprotocol: String)
    }

    public var answer: Answer
    /// Adds the protocol's handlers to a pipeline of plain bytes, on its event loop, after the answer was queued.
    ///
    /// What it writes right away leaves in the same write as the answer. Bytes that came early are read after it returned.
    public var install: @Sendable (any Channel) throws -> Void

    public init(_ answer: Answer, install: @escaping @Sendable (any Channel) throws -> Void) {
        self.answer = answer
        self.install = install
    }
}
