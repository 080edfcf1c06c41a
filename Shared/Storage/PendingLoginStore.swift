public import ControlModel
public import Foundation
public import Keys

/// Logins that wait for a person, and the rounds through a provider that belong to them.
///
/// Adapters pass `PendingLoginStoreContract`. Rows are short-lived and no changes of the tailnet: they have no place in its log.
/// Every moment is a parameter; a row whose deadline is not after it counts as not there.
public protocol PendingLoginStore: Sendable {
    /// Stores a login.
    ///
    /// - Returns: what is stored for its machine key, node key and check then: the login itself, or the one that was there and is still
    ///   waiting or approved. `nil` where a limit stands in the way.
    func addLogin(
        _ login: PendingLogin,
        limits: PendingLoginLimits,
        now: Date
    ) async throws(StorageError) -> PendingLogin?

    func login(_ id: LoginID, tailnet: TailnetID, now: Date) async throws(StorageError) -> PendingLogin?

    /// The device's own login, no check.
    func login(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> PendingLogin?

    /// All logins, oldest first.
    func logins(tailnet: TailnetID, now: Date) async throws(StorageError) -> [PendingLogin]

    /// Replaces the row that has the version it carries; it then has the next one.
    ///
    /// - Throws: `.conflict(.stale)` when the row is gone or has another version.
    func replaceLogin(_ login: PendingLogin) async throws(StorageError) -> PendingLogin

    /// Stores a round of a login, beside at most `limit - 1` others of the same login: the oldest go.
    ///
    /// - Throws: `.conflict(.missingReference)` when the login is not there.
    func addStep(_ step: LoginStep, limit: Int, tailnet: TailnetID) async throws(StorageError)

    /// Takes a round out, so that it is there once, if both hashes are right.
    func takeStep(
        secretHash: Data,
        browserHash: Data,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> LoginStep?

    /// Drops logins and rounds whose deadline has passed.
    func removeEndedLogins(tailnet: TailnetID, now: Date) async throws(StorageError)
}

/// When people last confirmed what they do by SSH.
///
/// Adapters pass `SSHConfirmationStoreContract`. No changes of the tailnet: they have no place in its log.
public protocol SSHConfirmationStore: Sendable {
    /// When a check was last confirmed; `nil`: never, or it was forgotten.
    func confirmation(of check: SSHCheck, tailnet: TailnetID) async throws(StorageError) -> Date?

    /// Remembers the latest confirmation of a check.
    func confirm(_ check: SSHCheck, at moment: Date, tailnet: TailnetID) async throws(StorageError)

    /// Forgets confirmations up to `limit`.
    func removeConfirmations(through limit: Date, tailnet: TailnetID) async throws(StorageError)
}

/// How many logins may wait.
public struct PendingLoginLimits: Hashable, Sendable {
    /// In all; beyond it the source with the most gives up its oldest, unless it is the asking one.
    public var total: Int
    /// From one source; beyond it no more are taken from there.
    public var perSource: Int

    public init(total: Int = 4096, perSource: Int = 256) {
        self.total = total
        self.perSource = perSource
    }
}
