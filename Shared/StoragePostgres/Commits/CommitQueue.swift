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
        let writes: [RegistryWrite]
        let waiter: CheckedContinuation<Outcome, Never>
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
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                enqueue(Pending(id: id, writes: writes, waiter: waiter), tailnet)
                if Task.isCancelled { withdraw(id, tailnet) }
            }
        } onCancel: {
            withdraw(id, tailnet)
        }
        return try outcome.get()
    }

    private enum Verdict {
        case wait
        case start
        case refuse
    }

    private func enqueue(_ batch: Pending, _ tailnet: TailnetID) {
        let verdict = state.withLock { state in
            let isRunning = state.pending[tailnet] != nil
            guard state.pending[tailnet]?.count ?? 0 < limits.waitingBatches else { return Verdict.refuse }
            state.pending[tailnet, default: WaitingList()].append(batch)
            return isRunning ? .wait : .start
        }
        switch verdict {
        case .wait: break
        case .start: start(tailnet)
        case .refuse:
            let fault = PostgresFault.tooManyWaiting(limit: limits.waitingBatches)
            batch.waiter.resume(returning: .failure(.unavailable(cause: fault)))
        }
    }

    /// Takes back a batch that is not being written yet.
    private func withdraw(_ id: UInt64, _ tailnet: TailnetID) {
        let batch = state.withLock { state in
            state.pending[tailnet]?.remove { $0.id == id }
        }
        batch?.waiter.resume(returning: .failure(.cancelled))
    }

    private func start(_ tailnet: TailnetID) {
        pool.submit { lane, deadline in
            self.writeNext(of: tailnet, on: lane, until: deadline)
        } refuse: { error in
            self.refuse(self.takeAll(of: tailnet, ending: true), error)
        }
    }

    private func writeNext(of tailnet: TailnetID, on lane: Lane, until deadline: ContinuousClock.Instant) {
        let batches = take(of: tailnet)
        if !batches.isEmpty {
            let begin = ContinuousClock.now
            let transaction = CommitTransaction(tailnet: tailnet, lane: lane, deadline: deadline) { error in
                self.refuse(self.takeAll(of: tailnet, ending: false), error)
            }
            let outcomes = transaction.run(batches.map(\.writes))
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

    /// The next group.
    private func take(of tailnet: TailnetID) -> [Pending] {
        state.withLock { state in
            var batches: [Pending] = []
            var writes = 0
            while batches.count < limits.batchesPerTransaction, writes < limits.writesPerTransaction,
                let batch = state.pending[tailnet]?.popFirst()
            {
                batches.append(batch)
                writes += batch.writes.count
            }
            return batches
        }
    }

    private func takeAll(of tailnet: TailnetID, ending: Bool) -> [Pending] {
        state.withLock { state in
            let all = state.pending[tailnet].map { Array($0.all) } ?? []
            state.pending[tailnet] = ending ? nil : WaitingList()
            return all
        }
    }

    private func refuse(_ batches: [Pending], _ error: StorageError) {
        for batch in batches { batch.waiter.resume(returning: .failure(error)) }
    }
}
