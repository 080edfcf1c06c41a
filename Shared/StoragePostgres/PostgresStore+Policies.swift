public import ControlModel
public import Storage

extension PostgresStore: PolicyStore {
    public func currentPolicy(tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        let table = PolicyTable(tailnet: tailnet)
        return try await read([table.selectCurrent()]) { try table.policy($0[0]) }
    }

    public func policy(_ revision: Int, tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        let table = PolicyTable(tailnet: tailnet)
        return try await read([table.select(revision)]) { try table.policy($0[0]) }
    }

    public func policyHistory(
        before: Int?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [PolicyRevision.Summary] {
        let table = PolicyTable(tailnet: tailnet)
        return try await read([table.selectHistory(before: before, limit: limit)]) { try table.history($0[0]) }
    }

    /// Takes no lock: the revision's number is unique, and who comes second is stale.
    public func appendPolicy(_ policy: PolicyRevision, tailnet: TailnetID) async throws(StorageError) {
        let table = PolicyTable(tailnet: tailnet)
        try await pool.perform { lane, deadline in
            var isRepeated = false
            try lane.repeating(until: deadline) { session in
                defer { isRepeated = true }
                let answers = try session.run(
                    [.begin, table.selectLast(), table.select(policy.revision)],
                    until: deadline
                )
                // The connection broke the last time; this very policy was written all the same.
                if isRepeated, try table.policy(answers[2]) == policy { return }
                let last = try answers[1].first("policy") { try $0.integer(Int.self) } ?? 0
                guard policy.revision == last + 1 else { throw StorageError.conflict(.stale) }
                let writes = [
                    table.insert(policy), table.delete(through: policy.revision - PolicyRevision.keptLimit), .commit,
                ]
                do {
                    _ = try session.run(writes, until: deadline)
                } catch let fault as PostgresFault where isRepeated && fault.isAboutValues {
                    let found = try session.run([.rollback, table.select(policy.revision)], until: deadline)[1]
                    guard try table.policy(found) == policy else { throw fault }
                }
            }
        }
    }
}
