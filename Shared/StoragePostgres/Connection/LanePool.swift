import Dispatch
import Storage
import Synchronization

/// Hands jobs to lanes, first come, first served; lanes are made as they are needed, up to a limit.
final class LanePool: Sendable {
    /// What waits for a lane: exactly one of its closures is called, once.
    struct Job: Sendable {
        let id: UInt64
        let deadline: ContinuousClock.Instant
        /// On the lane's queue.
        let run: @Sendable (Lane, ContinuousClock.Instant) -> Void
        let refuse: @Sendable (StorageError) -> Void
    }

    private struct State {
        var idle: [Lane] = []
        var busy = 0
        var waiting = WaitingList<Job>()
        var lastID: UInt64 = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    let connector: Connector

    init(connector: Connector) {
        self.connector = connector
    }

    private var laneLimit: Int { max(1, connector.configuration.connections) }
    private var limits: PostgresLimits { connector.limits }

    /// Runs `body` on a lane.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Lane, ContinuousClock.Instant) throws -> Value
    ) async throws(StorageError) -> Value {
        let id = nextID()
        let outcome: Result<Value, StorageError> = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard !Task.isCancelled else { return waiter.resume(returning: .failure(.cancelled)) }
                submit(id: id) { lane, deadline in
                    waiter.resume(returning: Result { try body(lane, deadline) }.mapError { StorageError(of: $0) })
                } refuse: {
                    waiter.resume(returning: .failure($0))
                }
                if Task.isCancelled { withdraw(id) }
            }
        } onCancel: {
            withdraw(id)
        }
        return try outcome.get()
    }

    /// Has `run` called on a lane, or `refuse` when that takes too long.
    func submit(
        id: UInt64? = nil,
        run: @escaping @Sendable (Lane, ContinuousClock.Instant) -> Void,
        refuse: @escaping @Sendable (StorageError) -> Void
    ) {
        let job = Job(id: id ?? nextID(), deadline: .now + limits.call, run: run, refuse: refuse)
        let verdict = state.withLock { state in
            if state.isClosed { return Verdict.refuse(.closed) }
            guard let lane = state.idle.popLast() ?? (state.busy < laneLimit ? Lane(connector: connector) : nil) else {
                guard state.waiting.count < limits.waitingCalls else {
                    return .refuse(.tooManyWaiting(limit: limits.waitingCalls))
                }
                state.waiting.append(job)
                return .wait
            }
            state.busy += 1
            return .start(lane)
        }
        switch verdict {
        case .wait: break
        case .start(let lane): lane.queue.async { self.work(on: lane, job) }
        case .refuse(let fault): refuse(.unavailable(cause: fault))
        }
    }

    private enum Verdict {
        case wait
        case start(Lane)
        case refuse(PostgresFault)
    }

    /// Runs a job and then those that wait, until none is left.
    private func work(on lane: Lane, _ first: Job) {
        var next: Job? = first
        while let job = next {
            if ContinuousClock.now < job.deadline {
                job.run(lane, job.deadline)
            } else {
                job.refuse(.unavailable(cause: PostgresFault.waitedTooLong))
            }
            next = state.withLock { $0.waiting.popFirst() }
            if next == nil { next = rest(lane) }
        }
    }

    /// Puts a lane aside, unless something came in meanwhile.
    private func rest(_ lane: Lane) -> Job? {
        let (job, closers) = state.withLock { state -> (Job?, [CheckedContinuation<Void, Never>]?) in
            if let job = state.waiting.popFirst() { return (job, nil) }
            state.busy -= 1
            guard state.isClosed else {
                state.idle.append(lane)
                return (nil, nil)
            }
            guard state.busy == 0 else { return (nil, []) }
            defer { state.closers = [] }
            return (nil, state.closers)
        }
        if let closers {
            lane.close()
            for closer in closers { closer.resume() }
        }
        return job
    }

    private func nextID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// Takes back a job that no lane has begun.
    private func withdraw(_ id: UInt64) {
        let job = state.withLock { state in
            state.waiting.remove { $0.id == id }
        }
        job?.refuse(.cancelled)
    }

    /// Refuses new jobs and returns when the running ones are done and all connections are closed.
    func close() async {
        let (idle, waiting) = state.withLock { state in
            state.isClosed = true
            defer { (state.idle, state.waiting) = ([], WaitingList()) }
            return (state.idle, state.waiting)
        }
        for job in waiting.all { job.refuse(.unavailable(cause: PostgresFault.closed)) }
        for lane in idle {
            await withCheckedContinuation { done in
                lane.queue.async {
                    lane.close()
                    done.resume()
                }
            }
        }
        await withCheckedContinuation { closer in
            let isIdle = state.withLock { state in
                if state.busy > 0 { state.closers.append(closer) }
                return state.busy == 0
            }
            if isIdle { closer.resume() }
        }
    }
}

/// A queue whose front is taken in constant time.
struct WaitingList<Element> {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { elements.count - start }
    var all: ArraySlice<Element> { elements[start...] }
    var first: Element? { start < elements.count ? elements[start] : nil }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard start < elements.count else { return nil }
        defer {
            start += 1
            // Half of the array is spent: giving it back costs each element one move.
            if start * 2 > elements.count {
                elements.removeFirst(start)
                start = 0
            }
        }
        return elements[start]
    }

    mutating func remove(where isWanted: (Element) -> Bool) -> Element? {
        guard let index = elements[start...].firstIndex(where: isWanted) else { return nil }
        return elements.remove(at: index)
    }
}
