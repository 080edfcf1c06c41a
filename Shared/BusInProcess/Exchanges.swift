import Bus

/// The requests under way and those who answer them, without waiting or time.
///
/// An exchange is queued until a responder of its topic has room, then handed to it, begun, and settled once: by the answer, the
/// time limit or the asker's cancellation, whichever is first.
struct Exchanges {
    typealias ID = UInt64
    typealias Outcome = Result<any Sendable, BusError>
    typealias Waiter = CheckedContinuation<Outcome, Never>
    typealias Inbox = AsyncStream<ID>.Continuation

    /// To be carried out after the lock is released.
    struct Handover {
        let exchange: ID
        let inbox: Inbox

        func perform() {
            inbox.yield(exchange)
        }
    }

    private enum Progress {
        case queued
        case handed(to: ID)
        case begun
        /// Before the asker came to wait for it.
        case settled(Outcome)
    }

    private struct Exchange {
        let topic: Topic
        let request: any BusRequest
        let origin: RequestOrigin?
        var progress = Progress.queued
        var waiter: Waiter?
    }

    private struct Responder {
        let id: ID
        let inbox: Inbox
        var load = 0
    }

    private struct Desk {
        /// Those who answer, the least recently used first.
        var responders: [Responder] = []
        var queue: [ID] = []
    }

    private let queueLimit: Int
    private let loadLimit: Int
    private var exchanges: [ID: Exchange] = [:]
    private var desks: [Topic: Desk] = [:]
    private var lastID: ID = 0

    init(queueLimit: Int, loadLimit: Int) {
        self.queueLimit = queueLimit
        self.loadLimit = loadLimit
    }

    /// Opens an exchange; `nil` when too many are queued already.
    mutating func ask(_ request: any BusRequest, topic: Topic) -> (id: ID, handovers: [Handover])? {
        guard desks[topic, default: Desk()].queue.count < queueLimit else { return nil }
        let id = nextID()
        exchanges[id] = Exchange(topic: topic, request: request, origin: RequestOrigin.current)
        desks[topic, default: Desk()].queue.append(id)
        return (id, handOver(topic))
    }

    /// Lets the asker wait; returns the outcome instead when it is there already.
    mutating func wait(for id: ID, with waiter: Waiter) -> Outcome? {
        guard case .settled(let outcome)? = exchanges[id]?.progress else {
            exchanges[id]?.waiter = waiter
            return nil
        }
        exchanges[id] = nil
        return outcome
    }

    /// Settles an exchange unless it is; returns whom to tell.
    mutating func settle(_ id: ID, _ outcome: Outcome) -> Waiter? {
        guard var exchange = exchanges[id] else { return nil }
        if case .settled = exchange.progress { return nil }
        if case .queued = exchange.progress { desks[exchange.topic]?.queue.removeAll { $0 == id } }
        discardIfIdle(exchange.topic)
        if let waiter = exchange.waiter {
            exchanges[id] = nil
            return waiter
        }
        exchange.progress = .settled(outcome)
        exchanges[id] = exchange
        return nil
    }

    /// What to tell an asker whose time is up.
    func lateness(of id: ID) -> BusError? {
        guard let exchange = exchanges[id] else { return nil }
        if case .queued = exchange.progress, desks[exchange.topic]?.responders.isEmpty ?? true {
            return .noResponder(subject: exchange.topic.subject)
        }
        return .timeout(subject: exchange.topic.subject)
    }

    mutating func join(_ topic: Topic, inbox: Inbox) -> (id: ID, handovers: [Handover]) {
        let id = nextID()
        desks[topic, default: Desk()].responders.append(Responder(id: id, inbox: inbox))
        return (id, handOver(topic))
    }

    /// Takes a responder away; what it had not begun goes to others, or waits for one in its old place.
    mutating func leave(_ responder: ID, topic: Topic) -> [Handover] {
        desks[topic]?.responders.removeAll { $0.id == responder }
        let returned = exchanges.filter { _, exchange in
            if case .handed(responder) = exchange.progress { true } else { false }
        }
        for id in returned.keys { exchanges[id]?.progress = .queued }
        if !returned.isEmpty, let queue = desks[topic]?.queue {
            desks[topic]?.queue = (returned.keys + queue).sorted()
        }
        let handovers = handOver(topic)
        discardIfIdle(topic)
        return handovers
    }

    /// The request to handle; `nil` when its asker is gone.
    mutating func begin(_ id: ID) -> (request: any BusRequest, origin: RequestOrigin?)? {
        guard let exchange = exchanges[id], case .handed = exchange.progress else { return nil }
        exchanges[id]?.progress = .begun
        return (exchange.request, exchange.origin)
    }

    /// Gives a responder room for one more.
    mutating func release(_ responder: ID, topic: Topic) -> [Handover] {
        guard let index = desks[topic]?.responders.firstIndex(where: { $0.id == responder }) else { return [] }
        desks[topic]?.responders[index].load -= 1
        return handOver(topic)
    }

    private mutating func nextID() -> ID {
        lastID &+= 1
        return lastID
    }

    private mutating func handOver(_ topic: Topic) -> [Handover] {
        guard var desk = desks[topic] else { return [] }
        var handovers: [Handover] = []
        var taken = 0
        while taken < desk.queue.count,
            let index = desk.responders.indices.min(by: { desk.responders[$0].load < desk.responders[$1].load }),
            desk.responders[index].load < loadLimit
        {
            let id = desk.queue[taken]
            taken += 1
            var responder = desk.responders.remove(at: index)
            responder.load += 1
            desk.responders.append(responder)
            exchanges[id]?.progress = .handed(to: responder.id)
            handovers.append(Handover(exchange: id, inbox: responder.inbox))
        }
        desk.queue.removeFirst(taken)
        desks[topic] = desk
        return handovers
    }

    private mutating func discardIfIdle(_ topic: Topic) {
        guard let desk = desks[topic], desk.responders.isEmpty, desk.queue.isEmpty else { return }
        desks[topic] = nil
    }
}
