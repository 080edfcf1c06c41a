import Dispatch
import Logging
import Synchronization

/// The lasting way to the servers: makes a link, and a new one whenever it is lost; sends in order; keeps interests alive.
///
/// Every call that may wait for a socket runs on one queue; callers never wait. What is sent without a link is refused.
final class NATSConnection: Sendable {
    enum Phase: Sendable {
        case connecting
        case connected
        case closed
    }

    /// What is told to the server, in this order: a request must not overtake the interest in its answer.
    enum Item: Sendable {
        case message(OutgoingMessage)
        /// An interest came or went.
        case interest(UInt64)
    }

    struct State {
        var phase = Phase.connecting
        var payloadLimit = 0
        var outbox: [Item] = []
        var outboxLength = 0
        var isWriting = false
        var interests: [UInt64: NATSInterest] = [:]
        var lastID: UInt64 = 0
        /// Attempts since the last link.
        var attempt = 0
    }

    /// The link there is now; its number tells its callbacks from those of earlier ones.
    struct Current {
        var link: NATSLink?
        var serial: UInt64 = 0
        var lastPart: UInt64 = 0
    }

    let configuration: NATSBus.Configuration
    let logger: Logger
    let metrics: NATSBusMetrics
    /// Of the parts of long messages: unique among senders.
    let senderID: String
    let queue = DispatchQueue(label: "swiftscale.nats")
    let state = Mutex(State())
    /// Taken on `queue` only, so holding it for as long as a socket takes keeps nobody waiting.
    let current = Mutex(Current())

    init(_ configuration: NATSBus.Configuration, senderID: String, logger: Logger, metrics: NATSBusMetrics) {
        self.configuration = configuration
        self.senderID = senderID
        self.logger = logger
        self.metrics = metrics
    }

    deinit {
        // Nobody else has us; the library would go on for ever.
        current.withLock { $0.link?.destroy() }
    }

    var phase: Phase { state.withLock { $0.phase } }
    /// Longest payload that goes as one message now.
    var payloadLimit: Int { state.withLock { $0.payloadLimit } }

    /// Begins to connect.
    func start() {
        queue.async { [weak self] in self?.open() }
    }

    /// Gives a message to the link; it goes after those given before.
    func send(_ message: OutgoingMessage) throws(NATSBusError) {
        let (failure, mustWrite) = state.withLock { state -> (NATSBusError?, Bool) in
            switch state.phase {
            case .connecting: return (.disconnected, false)
            case .closed: return (.closed, false)
            case .connected: break
            }
            let length = state.outboxLength + message.cost
            guard state.outbox.isEmpty || length <= NATSBusLimits.outboxLength else { return (.outboxFull, false) }
            state.outbox.append(.message(message))
            state.outboxLength = length
            guard !state.isWriting else { return (nil, false) }
            state.isWriting = true
            return (nil, true)
        }
        if let failure { throw failure }
        if mustWrite { queue.async { self.write() } }
    }

    /// Wants a subject's messages from now on, over all links.
    func subscribe(_ interest: NATSInterest) -> UInt64 {
        let id = state.withLock { state in
            state.lastID += 1
            state.interests[state.lastID] = interest
            state.outbox.append(.interest(state.lastID))
            return state.lastID
        }
        queue.async { self.write() }
        return id
    }

    func unsubscribe(_ id: UInt64) {
        state.withLock { state in
            state.interests[id] = nil
            state.outbox.append(.interest(id))
        }
        queue.async { self.write() }
    }

    /// Returns when the server has all that was sent and subscribed before; `false` without a server.
    func fence() async -> Bool {
        await withCheckedContinuation { done in
            queue.async { done.resume(returning: self.flush()) }
        }
    }

    /// Ends the link for good; what was sent before is written first.
    func close() async {
        await withCheckedContinuation { done in
            queue.async {
                self.write()
                self.state.withLock { state in
                    state.phase = .closed
                    state.interests = [:]
                }
                self.drop()
                done.resume()
            }
        }
    }

    /// Calls `work` later, on a thread of its own: the queue may wait for a socket.
    func after(_ duration: Duration, _ work: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(duration.milliseconds)), execute: work)
    }

    /// Waits whether or not the task is cancelled.
    func pause(_ duration: Duration) async {
        await withCheckedContinuation { done in after(duration) { done.resume() } }
    }
}
