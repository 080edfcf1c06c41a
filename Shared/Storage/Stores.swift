public import ControlModel
public import Foundation
public import Keys

/// Reads of users.
///
/// Writes go through ``RegistryStore/commit(_:tailnet:)``, here and below.
public protocol UserStore: Sendable {
    func user(_ id: UserID, tailnet: TailnetID) async throws(StorageError) -> User?
    func user(named name: String, tailnet: TailnetID) async throws(StorageError) -> User?
    /// The user whose ``ControlModel/UserIdentity/key`` this is.
    func user(withIdentity key: String, tailnet: TailnetID) async throws(StorageError) -> User?
    /// All users, by id.
    func users(tailnet: TailnetID) async throws(StorageError) -> [User]
}

/// Reads of nodes.
public protocol NodeStore: Sendable {
    func node(_ id: NodeID, tailnet: TailnetID) async throws(StorageError) -> Node?
    func node(withNodeKey key: NodePublicKey, tailnet: TailnetID) async throws(StorageError) -> Node?
    /// All nodes of one device, by id.
    func nodes(withMachineKey key: MachinePublicKey, tailnet: TailnetID) async throws(StorageError) -> [Node]
    /// Up to `limit` nodes with ids above `after`, by id.
    func nodes(after: NodeID?, limit: Int, tailnet: TailnetID) async throws(StorageError) -> [Node]
    /// Nodes with an attribute that ends at `date` or before, soonest first, at most `limit`.
    func nodes(
        withAttributesEndingBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node]
    /// Given names in use that are `prefix` or start with `prefix` and a dash.
    func givenNames(like prefix: String, tailnet: TailnetID) async throws(StorageError) -> Set<String>
}

/// Reads of auth keys.
public protocol AuthKeyStore: Sendable {
    func authKey(_ id: AuthKeyID, tailnet: TailnetID) async throws(StorageError) -> AuthKey?
    func authKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> AuthKey?
    /// All auth keys, by id.
    func authKeys(tailnet: TailnetID) async throws(StorageError) -> [AuthKey]
}

/// Reads of API keys, and the one write that is no change: when a key was last used.
public protocol APIKeyStore: Sendable {
    func apiKey(_ id: APIKeyID, tailnet: TailnetID) async throws(StorageError) -> APIKey?
    func apiKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> APIKey?
    /// All API keys, by id.
    func apiKeys(tailnet: TailnetID) async throws(StorageError) -> [APIKey]
    func touchAPIKey(_ id: APIKeyID, lastSeen: Date, tailnet: TailnetID) async throws(StorageError)
}

/// Reads of the audit log, which commits write.
public protocol AuditStore: Sendable {
    /// Records that a query is about, newest first.
    func auditRecords(_ query: AuditQuery, tailnet: TailnetID) async throws(StorageError) -> [AuditRecord]

    /// Drops records that are older than `date`.
    func trimAuditRecords(before date: Date, tailnet: TailnetID) async throws(StorageError)
}

/// Secrets of the deployment itself, by name.
public protocol ServerKeyStore: Sendable {
    /// The secret stored under `name`, storing `candidate` first if there is none: all callers get the same one.
    func serverKey(_ name: String, orStore candidate: Data) async throws(StorageError) -> Data

    /// All secrets by name.
    func serverKeys() async throws(StorageError) -> [String: Data]

    /// Replaces secrets, all or none: refused with `.stale` when one is not what is expected any more.
    func replaceServerKeys(_ replacements: [ServerKeyReplacement]) async throws(StorageError)
}

/// A secret's new stored form in place of the one that is expected.
public struct ServerKeyReplacement: Sendable {
    public var name: String
    public var expected: Data
    public var replacement: Data

    public init(name: String, expected: Data, replacement: Data) {
        self.name = name
        self.expected = expected
        self.replacement = replacement
    }
}
