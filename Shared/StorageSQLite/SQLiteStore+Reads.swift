public import ControlModel
public import Foundation
public import Keys
public import Storage

extension SQLiteStore {
    public func user(_ id: UserID, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await read { try UserTable(connection: $0, tailnet: tailnet).find(id) }
    }

    public func user(named name: String, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await read { try UserTable(connection: $0, tailnet: tailnet).find(named: name) }
    }

    public func user(withIdentity key: String, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await read { try UserTable(connection: $0, tailnet: tailnet).find(identity: key) }
    }

    public func users(tailnet: TailnetID) async throws(StorageError) -> [User] {
        try await read { try UserTable(connection: $0, tailnet: tailnet).all() }
    }
}

extension SQLiteStore {
    public func node(_ id: NodeID, tailnet: TailnetID) async throws(StorageError) -> Node? {
        try await read { try NodeTable(connection: $0, tailnet: tailnet).find(id) }
    }

    public func node(
        withNodeKey key: NodePublicKey,
        tailnet: TailnetID
    ) async throws(StorageError) -> Node? {
        try await read { try NodeTable(connection: $0, tailnet: tailnet).find(nodeKey: key) }
    }

    public func nodes(
        withMachineKey key: MachinePublicKey,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await read { try NodeTable(connection: $0, tailnet: tailnet).find(machineKey: key) }
    }

    public func nodes(
        after: NodeID?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await read { try NodeTable(connection: $0, tailnet: tailnet).all(after: after, limit: limit) }
    }

    public func nodes(
        withAttributesEndingBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await read {
            try NodeTable(connection: $0, tailnet: tailnet).attributesEnding(by: date, limit: limit)
        }
    }

    public func givenNames(like prefix: String, tailnet: TailnetID) async throws(StorageError) -> Set<String> {
        try await read { Set(try NodeTable(connection: $0, tailnet: tailnet).givenNames(like: prefix)) }
    }
}

extension SQLiteStore {
    public func authKey(_ id: AuthKeyID, tailnet: TailnetID) async throws(StorageError) -> AuthKey? {
        try await read { try AuthKeyTable(connection: $0, tailnet: tailnet).find(id) }
    }

    public func authKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> AuthKey? {
        try await read { try AuthKeyTable(connection: $0, tailnet: tailnet).find(prefix: prefix) }
    }

    public func authKeys(tailnet: TailnetID) async throws(StorageError) -> [AuthKey] {
        try await read { try AuthKeyTable(connection: $0, tailnet: tailnet).all() }
    }
}

extension SQLiteStore {
    public func apiKey(_ id: APIKeyID, tailnet: TailnetID) async throws(StorageError) -> APIKey? {
        try await read { try APIKeyTable(connection: $0, tailnet: tailnet).find(id) }
    }

    public func apiKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> APIKey? {
        try await read { try APIKeyTable(connection: $0, tailnet: tailnet).find(prefix: prefix) }
    }

    public func apiKeys(tailnet: TailnetID) async throws(StorageError) -> [APIKey] {
        try await read { try APIKeyTable(connection: $0, tailnet: tailnet).all() }
    }

    public func touchAPIKey(
        _ id: APIKeyID,
        lastSeen: Date,
        tailnet: TailnetID
    ) async throws(StorageError) {
        try await write { try APIKeyTable(connection: $0, tailnet: tailnet).touch(id, lastSeen: lastSeen) }
    }
}
