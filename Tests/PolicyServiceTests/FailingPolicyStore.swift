import ControlModel
import Storage
import Synchronization

/// A store that can be away.
final class FailingPolicyStore: PolicyStore {
    private struct Away: Error {}

    private let store: any PolicyStore
    private let isAway = Mutex(false)

    init(_ store: any PolicyStore) {
        self.store = store
    }

    func goAway() { isAway.withLock { $0 = true } }
    func comeBack() { isAway.withLock { $0 = false } }

    private func requireThere() throws(StorageError) {
        if isAway.withLock({ $0 }) { throw .unavailable(cause: Away()) }
    }

    func currentPolicy(tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        try requireThere()
        return try await store.currentPolicy(tailnet: tailnet)
    }

    func policy(_ revision: Int, tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        try requireThere()
        return try await store.policy(revision, tailnet: tailnet)
    }

    func policyHistory(
        before: Int?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [PolicyRevision.Summary] {
        try requireThere()
        return try await store.policyHistory(before: before, limit: limit, tailnet: tailnet)
    }

    func appendPolicy(_ policy: PolicyRevision, tailnet: TailnetID) async throws(StorageError) {
        try requireThere()
        try await store.appendPolicy(policy, tailnet: tailnet)
    }
}
