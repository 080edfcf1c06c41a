import ControlModel
import GRDB
import Storage
import Synchronization

/// Lets concurrent commits share a transaction: whoever comes while one is written waits for the next, and all of it is one sync.
///
/// Each batch has a savepoint of its own, so that a conflict undoes that batch alone.
final class CommitQueue: Sendable {
    typealias Outcome = Result<[RegistryChange], StorageError>

    /// Batches written in one transaction; more wait for the next.
    static let batchesPerTransaction = 512

    private struct Pending {
        let id: UInt64
        let writes: [RegistryWrite]
        let tailnet: TailnetID
        let waiter: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var pending: [Pending] = []
        var lastID: UInt64 = 0
        /// Whether a run of `drain` is due that has not begun.
        var isScheduled = false
    }

    private let state = Mutex(State())
    private let pool: DatabasePool

    init(pool: DatabasePool) {
        self.pool = pool
    }

    func commit(_ writes: [RegistryWrite], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange] {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: CheckedContinuation<Outcome, Never>) in
                // Once it is in the queue it may be taken at once.
                guard !Task.isCancelled else { return waiter.resume(returning: .failure(.cancelled)) }
                enqueue(Pending(id: id, writes: writes, tailnet: tailnet, waiter: waiter))
                if Task.isCancelled { withdraw(id) }
            }
        } onCancel: {
            withdraw(id)
        }
        return try outcome.get()
    }

    private func enqueue(_ batch: Pending) {
        let mustSchedule = state.withLock { state in
            state.pending.append(batch)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { pool.asyncWriteWithoutTransaction { self.drain(in: $0) } }
    }

    /// Takes back a batch that is not being written yet.
    private func withdraw(_ id: UInt64) {
        let batch = state.withLock { state in
            state.pending.firstIndex { $0.id == id }.map { state.pending.remove(at: $0) }
        }
        batch?.waiter.resume(returning: .failure(.cancelled))
    }

    private func drain(in database: Database) {
        let (batches, hasMore) = state.withLock { state in
            let batches = Array(state.pending.prefix(Self.batchesPerTransaction))
            state.pending.removeFirst(batches.count)
            state.isScheduled = !state.pending.isEmpty
            return (batches, state.isScheduled)
        }
        for (batch, outcome) in zip(batches, write(batches, in: database)) {
            batch.waiter.resume(returning: outcome)
        }
        if hasMore { pool.asyncWriteWithoutTransaction { self.drain(in: $0) } }
    }

    private func write(_ batches: [Pending], in database: Database) -> [Outcome] {
        guard !batches.isEmpty else { return [] }
        do {
            var outcomes: [Outcome] = []
            try database.inTransaction(.immediate) {
                outcomes = try batches.map { try write($0, in: database) }
                return .commit
            }
            return outcomes
        } catch {
            return Array(repeating: .failure(StorageError(of: error)), count: batches.count)
        }
    }

    /// Writes one batch; throws when the whole transaction is lost.
    private func write(_ batch: Pending, in database: Database) throws -> Outcome {
        do {
            var changes: [RegistryChange] = []
            try database.inSavepoint {
                let connection = SQLConnection(database: database)
                changes = try CommitBatch.commit(batch.writes, tailnet: batch.tailnet, in: connection)
                return .commit
            }
            return .success(changes)
        } catch {
            let fault = StorageError(of: error)
            if case .unavailable = fault { throw error }
            return .failure(fault)
        }
    }
}
