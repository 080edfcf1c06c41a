public import ControlModel

/// The registry's only way to write, and the log of what was written.
///
/// Adapters pass `RegistryStoreContract`. Every row is keyed by its tailnet.
public protocol RegistryStore: UserStore, NodeStore, AuthKeyStore, APIKeyStore, AuditStore,
    ServerKeyStore
{
    /// Commits all writes or none, with a row in the change log for each change that they make.
    ///
    /// - Returns: the changes, in the order of the writes, with contiguous versions. Writes that change nothing make none.
    /// - Order: batches of concurrent callers may share one database transaction, each still all or nothing.
    func commit(_ writes: [RegistryWrite], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange]

    /// The tailnet's version: that of its latest change, 0 before the first.
    func version(of tailnet: TailnetID) async throws(StorageError) -> Version

    /// Changes after `version`, oldest first, at most `limit`; rows appear with the state they have now.
    ///
    /// - Returns: `nil` when the log no longer reaches back to `version`: ask for a snapshot.
    func changes(
        since version: Version,
        tailnet: TailnetID,
        limit: Int
    ) async throws(StorageError) -> [RegistryChange]?

    /// Drops log rows up to `version`; a row's latest state stays readable.
    func trimChanges(through version: Version, tailnet: TailnetID) async throws(StorageError)

    /// Takes `count` ids that were never given out, and are given to nobody else from now on; those that no row gets are lost.
    ///
    /// - Returns: the first one; the others follow it.
    func claimIDs(_ kind: IdentifierKind, count: Int, tailnet: TailnetID) async throws(StorageError) -> Int64

    /// What was given out so far, from which new addresses are chosen.
    func allocations(of tailnet: TailnetID) async throws(StorageError) -> Allocations

    /// A cheap round trip; throws when the database does not answer.
    func ping() async throws(StorageError)
}
