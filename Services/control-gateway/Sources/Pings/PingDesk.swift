import NIOCore
import Synchronization
import TailcfgWire

/// Questions to clients whether they are there: who holds the client's map stream asks, and is told when the answer comes.
///
/// The question goes down the map stream and names an address with a token that nobody can guess; the client asks for that address.
/// Its answer may come to any gateway, over Noise or without.
final class PingDesk: Sendable {
    /// Questions that wait for an answer at once; beyond it none is asked.
    static let limit = 4096
    /// Where answers come.
    static let path = "/machine/ping-response"

    private let waiting = Mutex<[String: AsyncStream<Void>.Continuation]>([:])

    /// What became of a question.
    enum Outcome: Hashable, Sendable {
        case answered
        /// Nothing came in time.
        case silent
        /// The client has no map stream here, or too many questions wait.
        case unasked
    }

    /// Asks a client and waits for its answer.
    ///
    /// - Parameter send: takes the token; `false` where the client cannot be asked.
    func ask(
        within limit: Duration,
        clock: any Clock<Duration>,
        send: (_ token: String) async -> Bool
    ) async -> Outcome {
        let token = AnswerToken.new()
        let (answers, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        guard add(token, continuation) else { return .unasked }
        defer { remove(token) }
        guard await send(token) else { return .unasked }
        let isAnswered = await answers.first(within: limit, clock: clock) != nil
        return isAnswered ? .answered : .silent
    }

    /// An answer has come; `false` when nobody here waits for it.
    func answered(_ token: String) -> Bool {
        guard let continuation = waiting.withLock({ $0[token] }) else { return false }
        continuation.yield()
        return true
    }

    /// Questions that wait.
    var count: Int { waiting.withLock { $0.count } }

    /// The token in the query of an answer; `nil` where there is none that was ever given out.
    static func token(inQuery query: String) -> String? {
        for part in query.split(separator: "&") where part.hasPrefix("id=") {
            return AnswerToken.parse(part.dropFirst(3))
        }
        return nil
    }

    /// The question as a message of a map stream.
    ///
    /// The answer comes over Noise, so that no certificate and no proxy keeps it from coming; there the scheme must be that of TLS.
    static func message(serverURL: String, token: String) -> ByteBuffer {
        PingRequest(url: "\(origin(of: serverURL))\(path)?id=\(token)").message()
    }

    /// Where clients are told to answer, below which is a path.
    static func origin(of serverURL: String) -> String {
        let authority = serverURL.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? "unused"
        return "https://\(authority)"
    }

    private func add(_ token: String, _ continuation: AsyncStream<Void>.Continuation) -> Bool {
        waiting.withLock { waiting in
            guard waiting.count < Self.limit else { return false }
            waiting[token] = continuation
            return true
        }
    }

    private func remove(_ token: String) {
        waiting.withLock { $0[token] = nil }
    }
}
