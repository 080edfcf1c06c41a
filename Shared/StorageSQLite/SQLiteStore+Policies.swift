public import ControlModel
public import Storage

extension SQLiteStore: PolicyStore {
    public func currentPolicy(tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        try await read { try PolicyTable(connection: $0, tailnet: tailnet).current() }
    }

    public func policy(_ revision: Int, tailnet: TailnetID) async throws(StorageError) -> PolicyRevision? {
        try await read { try PolicyTable(connection: $0, tailnet: tailnet).find(revision) }
    }

    public func policyHistory(
        before: Int?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [PolicyRevision.Summary] {
        try await read { try PolicyTable(connection: $0, tailnet: tailnet).history(before: before, limit: limit) }
    }

    public func appendPolicy(_ policy: PolicyRevision, tailnet: TailnetID) async throws(StorageError) {
        try await write { try PolicyTable(connection: $0, tailnet: tailnet).append(policy) }
    }
}
