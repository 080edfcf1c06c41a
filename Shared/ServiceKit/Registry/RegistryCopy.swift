public import ControlModel

/// A service's copy of what the registry owns of a tailnet; a ``ChangeFollower`` keeps it in step.
///
/// Rows come in any order and any number of times: what is not newer than the row held is to be dropped.
public protocol RegistryCopy: Sendable {
    /// Applies changes, oldest first; `false` where some are missing before them: then a snapshot comes.
    func apply(_ changes: [RegistryChange]) async -> Bool

    /// Takes a whole state; what is not in it, and not newer, is gone.
    ///
    /// - Returns: the version that the copy shows now.
    func replace(with snapshot: RegistrySnapshot) async -> Version
}

/// All users and nodes of a tailnet.
public struct RegistrySnapshot: Sendable {
    /// The tailnet's version when it was begun; rows may be newer.
    public var version: Version
    public var users: [User]
    public var nodes: [Node]

    public init(version: Version, users: [User], nodes: [Node]) {
        self.version = version
        self.users = users
        self.nodes = nodes
    }
}
