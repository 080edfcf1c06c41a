import ControlModel
import Synchronization

/// Clients whose map streams started here and that are still to be asked what they run on, each once.
final class PostureQueue: Sendable {
    /// Clients that wait; beyond it a newcomer is not asked until it comes back.
    static let limit = 10_000

    private struct State {
        var order: [NodeID] = []
        var waiting: Set<NodeID> = []
    }

    private let state = Mutex(State())
    private let trigger: AsyncStream<Void>.Continuation
    /// An element when there is somebody to ask.
    let signal: AsyncStream<Void>

    init() {
        (signal, trigger) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A map stream has started.
    func add(_ node: NodeID) {
        let isNew = state.withLock { state in
            guard state.order.count < Self.limit, state.waiting.insert(node).inserted else { return false }
            state.order.append(node)
            return true
        }
        if isNew { trigger.yield() }
    }

    /// The next clients, in the order in which they came.
    func take(_ count: Int) -> [NodeID] {
        state.withLock { state in
            let next = Array(state.order.prefix(count))
            state.order.removeFirst(next.count)
            state.waiting.subtract(next)
            return next
        }
    }
}
