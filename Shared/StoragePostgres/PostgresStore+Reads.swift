public import ControlModel
public import Foundation
public import Keys
public import Storage

extension PostgresStore {
    public func user(_ id: UserID, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await users(tailnet) { $0.select(ids: [id]) }.first
    }

    public func user(named name: String, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await users(tailnet) { $0.select(named: name) }.first
    }

    public func user(withIdentity key: String, tailnet: TailnetID) async throws(StorageError) -> User? {
        try await users(tailnet) { $0.select(identity: key) }.first
    }

    public func users(tailnet: TailnetID) async throws(StorageError) -> [User] {
        try await users(tailnet) { $0.selectAll() }
    }

    private func users(
        _ tailnet: TailnetID,
        _ statement: (UserTable) -> Statement
    ) async throws(StorageError) -> [User] {
        let table = UserTable(tailnet: tailnet)
        return try await read([statement(table)]) { try $0[0].all("user", table.decode) }
    }
}

extension PostgresStore {
    public func node(_ id: NodeID, tailnet: TailnetID) async throws(StorageError) -> Node? {
        try await nodes(tailnet) { $0.select(ids: [id]) }.first
    }

    public func node(
        withNodeKey key: NodePublicKey,
        tailnet: TailnetID
    ) async throws(StorageError) -> Node? {
        try await nodes(tailnet) { $0.select(nodeKey: key) }.first
    }

    public func nodes(
        withMachineKey key: MachinePublicKey,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await nodes(tailnet) { $0.select(machineKey: key) }
    }

    public func nodes(
        after: NodeID?,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await nodes(tailnet) { $0.select(after: after, limit: limit) }
    }

    public func nodes(
        withAttributesEndingBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await nodes(tailnet) { $0.selectAttributesEnding(by: date, limit: limit) }
    }

    public func givenNames(like prefix: String, tailnet: TailnetID) async throws(StorageError) -> Set<String> {
        let statement = NodeTable(tailnet: tailnet).selectGivenNames(like: prefix)
        return try await read([statement]) { Set(try $0[0].all("node") { try $0.text() }) }
    }

    private func nodes(
        _ tailnet: TailnetID,
        _ statement: (NodeTable) -> Statement
    ) async throws(StorageError) -> [Node] {
        let table = NodeTable(tailnet: tailnet)
        return try await read([statement(table)]) { try $0[0].all("node", table.decode) }
    }
}

extension PostgresStore {
    public func authKey(_ id: AuthKeyID, tailnet: TailnetID) async throws(StorageError) -> AuthKey? {
        try await authKeys(tailnet) { $0.select(ids: [id]) }.first
    }

    public func authKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> AuthKey? {
        try await authKeys(tailnet) { $0.select(prefix: prefix) }.first
    }

    public func authKeys(tailnet: TailnetID) async throws(StorageError) -> [AuthKey] {
        try await authKeys(tailnet) { $0.selectAll() }
    }

    private func authKeys(
        _ tailnet: TailnetID,
        _ statement: (AuthKeyTable) -> Statement
    ) async throws(StorageError) -> [AuthKey] {
        let table = AuthKeyTable(tailnet: tailnet)
        return try await read([statement(table)]) { try $0[0].all("auth key", table.decode) }
    }
}

extension PostgresStore {
    public func apiKey(_ id: APIKeyID, tailnet: TailnetID) async throws(StorageError) -> APIKey? {
        try await apiKeys(tailnet) { $0.select(ids: [id]) }.first
    }

    public func apiKey(withPrefix prefix: String, tailnet: TailnetID) async throws(StorageError) -> APIKey? {
        try await apiKeys(tailnet) { $0.select(prefix: prefix) }.first
    }

    public func apiKeys(tailnet: TailnetID) async throws(StorageError) -> [APIKey] {
        try await apiKeys(tailnet) { $0.selectAll() }
    }

    private func apiKeys(
        _ tailnet: TailnetID,
        _ statement: (APIKeyTable) -> Statement
    ) async throws(StorageError) -> [APIKey] {
        let table = APIKeyTable(tailnet: tailnet)
        return try await read([statement(table)]) { try $0[0].all("API key", table.decode) }
    }

    public func touchAPIKey(
        _ id: APIKeyID,
        lastSeen: Date,
        tailnet: TailnetID
    ) async throws(StorageError) {
        try await read([APIKeyTable(tailnet: tailnet).touch(id, lastSeen: lastSeen)]) { _ in }
    }
}
