public import ControlModel

/// Where policy documents live, with their history.
///
/// Adapters pass `PolicyStoreContract`. Only the policy service writes.
public protocol PolicyStore: Sendable {
    /// The newest revision; `nil` while there never was a policy.
    func currentPolicy(tailnet: TailnetID) async throws(StorageError) -> PolicyRevision?

    /// One revision; `nil` where there is none, or it is forgotten.
    func policy(_ revision: Int, tailnet: TailnetID) async throws(StorageError) -> PolicyRevision?

    /// Up to `limit` revisions below `before`, newest first, without their texts; from the newest when it is `nil`.
    func policyHistory(
        before: Int?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [PolicyRevision.Summary]

    /// Adds a revision, whose number must follow that of the newest; of the kept ones beyond
    /// ``ControlModel/PolicyRevision/keptLimit`` the oldest are dropped.
    ///
    /// - Errors: `.conflict(.stale)` when the number does not follow: somebody else wrote first.
    func appendPolicy(_ policy: PolicyRevision, tailnet: TailnetID) async throws(StorageError)
}
