import ControlModel
import CoreMetrics
import Metrics
import Storage
import Synchronization

/// Lets concurrent commits share a transaction: whoever comes while one of his tailnet is written waits for the next.
///
/// One transaction at a time for each tailnet: a second one would wait for the first one's lock and hold a connection meanwhile.
final class CommitQueue: Sendable {
    typealias Outcome = CommitPlan.Outcome

    private struct Pending {
        let id: UInt64
        let kind: Kind
    }

    private enum Kind {
        /// May share a transaction with those beside it.
        case batch([RegistryWrite], CheckedContinuation<Outcome, Never>)
        /// Has a transaction of its own.
        case alone(run: @Sendable (Turn) -> Void, refuse: @Sendable (StorageError) -> Void)
    }

    private struct State {
        /// Tailnets with a transaction under way, and what waits for the next; others have no entry.
        var pending: [TailnetID: WaitingList<Pending>] = [:]
        var lastID: UInt64 = 0
    }

    private let state = Mutex(State())
    private let pool: LanePool

    init(pool: LanePool) {
        self.pool = pool
    }

    private var limits: PostgresLimits { pool.connector.limits }
    private var metrics: PostgresMetrics { pool.connector.metrics }

    func commit(_ writes: [RegistryWrite], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange] {
        let outcome = await wait(tailnet) { .batch(writes, $0) }
        return try outcome.get()
    }

    /// Runs a transaction of another kind when it is its turn.
    func perform<Value: Sendable>(
        in tailnet: TailnetID,
        _ body: @escaping @Sendable (Turn) throws -> Value
    ) async throws(StorageError) -> Value {
        let outcome: Result<Value, StorageError> = await wait(tailnet) { waiter in
            .alone { turn in
                waiter.resume(returning: Result { try body(turn) }.mapError { StorageError(of: $0) })
            } refuse: {
                waiter.resume(returning: .failure($0))
            }
        }
        return try outcome.get()
    }

    /// Waits for what `kind` makes of the waiter; takes it back while it waits when the task is cancelled.
    private func wait<Value>(
        _ tailnet: TailnetID,
        _ kind: (CheckedContinuation<Value, Never>) -> Kind
    ) async -> Value {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let pending = Pending(id: id, kind: kind(waiter))
                // Before it goes in: once there it may be taken at once. After it: the handler may have run too early.
                guard !Task.isCancelled else { return refuse([pending], .cancelled) }
                enqueue(pending, tailnet)
                if Task.isCancelled { withdraw(id, tailnet) }
            }
        } onCancel: {
            withdraw(id, tailnet)
        }
    }

    private enum Verdict {
        case wait
        case start
        case refuse
    }

    private func enqueue(_ pending: Pending, _ tailnet: TailnetID) {
        let verdict = state.withLock { state in
            let isRunning = state.pending[tailnet] != nil
            guard state.pending[tailnet]?.count ?? 0 < limits.waitingBatches else { return Verdict.refuse }
            state.pending[tailnet, default: WaitingList()].append(pending)
            return isRunning ? .wait : .start
        }
        switch verdict {
        case .wait: break
        case .start: start(tailnet)
        case .refuse:
            refuse([pending], .unavailable(cause: PostgresFault.tooManyWaiting(limit: limits.waitingBatches)))
        }
    }

    /// Takes back what is not being written yet.
    private func withdraw(_ id: UInt64, _ tailnet: TailnetID) {
        let pending = state.withLock { state in
            state.pending[tailnet]?.remove { $0.id == id }
        }
        if let pending { refuse([pending], .cancelled) }
    }

    private func refuse(_ pending: [Pending], _ error: StorageError) {
        for item in pending {
            switch item.kind {
            case .batch(_, let waiter): waiter.resume(returning: .failure(error))
            case .alone(_, let refuse): refuse(error)
            }
        }
    }
}

extension CommitQueue {
    private func start(_ tailnet: TailnetID) {
        pool.submit { lane, deadline in
            self.runNext(of: tailnet, on: lane, until: deadline)
        } refuse: { error in
            self.refuse(self.takeAll(of: tailnet, ending: true), error)
        }
    }

    private func runNext(of tailnet: TailnetID, on lane: Lane, until deadline: ContinuousClock.Instant) {
        let turn = Turn(lane: lane, deadline: deadline) { error in
            self.refuse(self.takeAll(of: tailnet, ending: false), error)
        }
        var batches: [(writes: [RegistryWrite], waiter: CheckedContinuation<Outcome, Never>)] = []
        for item in takeNext(of: tailnet) {
            switch item.kind {
            case .batch(let writes, let waiter): batches.append((writes, waiter))
            case .alone(let run, _): run(turn)
            }
        }
        if !batches.isEmpty {
            let begin = ContinuousClock.now
            let outcomes = CommitTransaction(tailnet: tailnet, turn: turn).run(batches.map(\.writes))
            metrics.transactions.increment()
            metrics.batches.increment(by: batches.count)
            metrics.commitTime.record(duration: ContinuousClock.now - begin)
            for (batch, outcome) in zip(batches, outcomes) { batch.waiter.resume(returning: outcome) }
        }
        let hasMore = state.withLock { state in
            guard state.pending[tailnet]?.count ?? 0 > 0 else {
                state.pending[tailnet] = nil
                return false
            }
            return true
        }
        if hasMore { start(tailnet) }
    }

    /// The next one that is alone, or as many batches as share a transaction.
    private func takeNext(of tailnet: TailnetID) -> [Pending] {
        state.withLock { state in
            var taken: [Pending] = []
            var writes = 0
            while taken.count < limits.batchesPerTransaction, writes < limits.writesPerTransaction,
                let next = state.pending[tailnet]?.first
            {
                switch next.kind {
                case .batch(let batch, _): writes += batch.count
                case .alone:
                    guard taken.isEmpty else { return taken }
                    writes = limits.writesPerTransaction
                }
                taken.append(next)
                _ = state.pending[tailnet]?.popFirst()
            }
            return taken
        }
    }

    private func takeAll(of tailnet: TailnetID, ending: Bool) -> [Pending] {
        state.withLock { state in
            let all = state.pending[tailnet].map { Array($0.all) } ?? []
            state.pending[tailnet] = ending ? nil : WaitingList()
            return all
        }
    }
}
