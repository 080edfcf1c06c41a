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
    private static let tokenLength = 32

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
        let token = Self.newToken()
        let (answers, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        guard add(token, continuation) else { return .unasked }
        defer { remove(token) }
        guard await send(token) else { return .unasked }
        let isAnswered = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in answers { return true }
                return false
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
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
            let token = part.dropFirst(3)
            let isWellFormed =
                token.utf8.count == tokenLength && token.utf8.allSatisfy(Set("0123456789abcdef".utf8).contains)
            return isWellFormed ? String(token) : nil
        }
        return nil
    }

    /// The question as a message of a map stream.
    ///
    /// The answer comes over Noise, so that no certificate and no proxy keeps it from coming; there the scheme must be that of TLS.
    static func message(serverURL: String, token: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("PingRequest")
        writer.beginObject()
        writer.key("URL")
        let authority = serverURL.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? "unused"
        writer.text("https://\(authority)\(path)?id=\(token)")
        writer.key("URLIsNoise")
        writer.bool(true)
        writer.key("Types")
        writer.text("")
        writer.endObject()
        writer.endObject()
        return writer.take()
    }

    private static func newToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<tokenLength / 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return bytes.reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
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
