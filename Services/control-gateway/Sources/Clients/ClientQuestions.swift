import ControlModel
import NIOCore

/// What the admin API can ask clients, through the gateway in its process.
public struct ClientQuestions: Sendable {
    let asker: ClientAsker
    let pinger: Pinger

    func ask(
        _ question: ClientQuestion,
        of node: Node,
        within limit: Duration
    ) async throws(ClientSilence) -> ByteBuffer {
        try await asker.ask(question, of: node, within: limit)
    }

    /// Asks a client whether it is there; how long its answer took.
    func ping(_ node: Node, within limit: Duration) async throws(ClientSilence) -> Duration {
        let started = ContinuousClock.now
        switch await pinger.ping(node.id, within: limit, isElsewhere: node.isOnline) {
        case .answered: return ContinuousClock.now - started
        case .silent: throw .silent
        case .unasked: throw node.isOnline ? .busy : .offline
        }
    }
}
