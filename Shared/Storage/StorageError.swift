/// Why a storage call failed.
///
/// Callers branch on the case; `cause` is for the log.
public enum StorageError: Error {
    /// Somebody else wrote first, or a unique value is taken; nothing of the batch was written. Decide again and retry.
    case conflict(Conflict)
    /// The store cannot be reached or is out of room. Retry with back-off.
    case unavailable(cause: any Error)
    /// The calling task was cancelled; nothing was written.
    case cancelled
    /// A row does not decode. Never retried: it is a bug or a bad migration.
    case corrupt(entity: String, cause: any Error)

    /// What stood in the way of a commit.
    public enum Conflict: Hashable, Sendable {
        /// The row is gone or has another version than expected.
        case stale
        /// The node key belongs to another node.
        case nodeKey
        /// The machine key already has a node of this user.
        case machineKey
        /// An address is in use.
        case address
        /// A given name is in use.
        case givenName
        /// A user name is in use.
        case userName
        /// Somebody else's user has this identity at a provider.
        case userIdentity
        /// A row with this id exists.
        case identifier
        /// A single-use auth key was used already.
        case authKeyUsed
        /// The user still owns nodes.
        case userHasNodes
        /// The node refers to a user or auth key that is not there.
        case missingReference
    }
}
