import ControlModel
import Foundation
import Keys
import NIOCore
import Synchronization

/// Questions to clients that wait for an answer, of this gateway and of others.
///
/// Each has a token that nobody can guess, and is answered by one machine alone. Others' questions are known here because the client may
/// answer at any gateway: an answer to a question that nobody asked is not kept, let alone passed on.
final class ClientDesk: Sendable {
    /// Questions of this gateway that wait at once.
    static let limit = 64
    /// Of those, to one client: a map stream keeps few messages for a slow reader.
    static let nodeLimit = 3
    /// Questions of other gateways that are known; beyond it those that end first are forgotten.
    static let foreignLimit = 1024
    /// Longest answer taken, in bytes.
    static let answerLimit = 4 << 20
    /// Answers to one question whose bodies are longer than those of other requests: a client tries again where its connection broke.
    static let longBodyLimit = 2
    /// Where answers come, with the token behind it.
    static let path = "/machine/c2n/"

    enum Answer: Hashable, Sendable {
        case body(ByteBuffer)
        /// It was longer than ``answerLimit``.
        case tooLong
    }

    /// What becomes of an answer that came here.
    enum Verdict: Hashable, Sendable {
        /// Its question was asked here.
        case taken
        /// For the gateway of this name.
        case pass(to: String)
        /// Somebody else's than the client's that was asked.
        case stranger
        /// Nobody asks that, or not any more.
        case unknown
    }

    private struct Entry {
        var machineKey: MachinePublicKey
        var asker: Asker
        var longBodies = 0
    }

    private enum Asker {
        case here(NodeID, AsyncStream<Answer>.Continuation)
        case other(String, until: Date)
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Asks a client and waits for its answer.
    ///
    /// - Parameter send: takes the token; throws where the client cannot be asked.
    func ask(
        _ node: Node,
        within limit: Duration,
        clock: any Clock<Duration>,
        send: (_ token: String) async throws(ClientSilence) -> Void
    ) async throws(ClientSilence) -> ByteBuffer {
        let token = AnswerToken.new()
        let (answers, continuation) = AsyncStream.makeStream(of: Answer.self, bufferingPolicy: .bufferingOldest(1))
        let entry = Entry(machineKey: node.machineKey, asker: .here(node.id, continuation))
        guard add(token, entry, node.id) else { throw .busy }
        defer { entries.withLock { $0[token] = nil } }
        try await send(token)
        switch await answers.first(within: limit, clock: clock) {
        case .body(let body)?: return body
        case .tooLong?: throw .tooLong
        case nil: throw .silent
        }
    }

    /// Another gateway asks.
    func expect(_ token: String, of machineKey: MachinePublicKey, for gateway: String, until end: Date, now: Date) {
        let entry = Entry(machineKey: machineKey, asker: .other(gateway, until: end))
        entries.withLock { entries in
            guard entries[token] == nil else { return }
            if entries.count >= Self.foreignLimit { Self.forget(&entries, now: now) }
            entries[token] = entry
        }
    }

    /// An answer has come, here or at another gateway.
    func take(_ answer: Answer, to token: String, from machineKey: MachinePublicKey) -> Verdict {
        entries.withLock { entries in
            guard let entry = entries[token] else { return .unknown }
            guard entry.machineKey == machineKey else { return .stranger }
            switch entry.asker {
            case .here(_, let continuation):
                continuation.yield(answer)
                return .taken
            case .other(let gateway, _):
                // Once: what a client may send to all gateways is one answer to each question.
                entries[token] = nil
                return .pass(to: gateway)
            }
        }
    }

    /// Whether an answer may be as long as ``answerLimit``; it counts as one then.
    func admitsLongBody(to token: String, from machineKey: MachinePublicKey) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[token], entry.machineKey == machineKey, entry.longBodies < Self.longBodyLimit
            else { return false }
            entries[token]?.longBodies += 1
            return true
        }
    }

    /// Questions that are known.
    var count: Int { entries.withLock { $0.count } }

    /// The token at the end of a path; `nil` where there is none that was ever given out.
    static func token(inPath path: String) -> String? {
        guard path.hasPrefix(Self.path) else { return nil }
        return AnswerToken.parse(path.dropFirst(Self.path.count))
    }

    private func add(_ token: String, _ entry: Entry, _ node: NodeID) -> Bool {
        entries.withLock { entries in
            let own = entries.values.compactMap { entry in
                if case .here(let node, _) = entry.asker { node } else { nil }
            }
            guard own.count < Self.limit, own.count(where: { $0 == node }) < Self.nodeLimit else { return false }
            entries[token] = entry
            return true
        }
    }

    private static func forget(_ entries: inout [String: Entry], now: Date) {
        var ends: [(token: String, end: Date)] = []
        for (token, entry) in entries {
            if case .other(_, let end) = entry.asker { ends.append((token, end)) }
        }
        ends.sort { $0.end < $1.end }
        let over = ends.prefix { $0.end <= now }.count
        for (token, _) in ends.prefix(max(over, ends.count / 2)) { entries[token] = nil }
    }
}
