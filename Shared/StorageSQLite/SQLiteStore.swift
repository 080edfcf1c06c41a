public import ControlModel
import Foundation
import GRDB
import IPAddresses
import Keys
public import Storage

/// The registry's store in one SQLite file, in WAL mode; every commit is on disk when it returns.
public final class SQLiteStore: RegistryStore {
    private let pool: DatabasePool
    private let queue: CommitQueue

    /// Opens a database, creating it, readable by its owner alone, where there is none; brings its schema up to date.
    public convenience init(path: String) throws(SQLiteOpenError) {
        try self.init(path: path, patience: .seconds(5))
    }

    /// - Parameters:
    ///   - patience: how long to wait for another program's lock.
    ///   - prepare: run on each connection, for tests.
    init(
        path: String,
        patience: Duration,
        prepare: (@Sendable (Database) throws -> Void)? = nil
    ) throws(SQLiteOpenError) {
        pool = try DatabaseFile(path: path, patience: patience, prepare: prepare).open()
        queue = CommitQueue(pool: pool)
    }

    public func commit(_ writes: [RegistryWrite], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange] {
        try await queue.commit(writes, tailnet: tailnet)
    }

    public func version(of tailnet: TailnetID) async throws(StorageError) -> Version {
        try await read { try TailnetTable(connection: $0, tailnet: tailnet).read().version }
    }

    public func changes(
        since version: Version,
        tailnet: TailnetID,
        limit: Int
    ) async throws(StorageError) -> [RegistryChange]? {
        try await read { connection in
            let state = try TailnetTable(connection: connection, tailnet: tailnet).read()
            guard (state.trimmedThrough...state.version).contains(version) else { return nil }
            return try ChangeTable(connection: connection, tailnet: tailnet).read(after: version, limit: limit)
        }
    }

    public func trimChanges(through version: Version, tailnet: TailnetID) async throws(StorageError) {
        try await write { connection in
            let table = TailnetTable(connection: connection, tailnet: tailnet)
            var state = try table.read()
            guard version > state.trimmedThrough else { return }
            state.trimmedThrough = min(version, state.version)
            try ChangeTable(connection: connection, tailnet: tailnet).trim(through: state.trimmedThrough)
            try table.write(state)
        }
    }

    public func allocations(of tailnet: TailnetID) async throws(StorageError) -> Allocations {
        try await read { connection in
            let state = try TailnetTable(connection: connection, tailnet: tailnet).read()
            return Allocations(
                nextUserID: state.nextUserID,
                nextNodeID: state.nextNodeID,
                nextAuthKeyID: state.nextAuthKeyID,
                nextAPIKeyID: state.nextAPIKeyID,
                used: Set(try NodeTable(connection: connection, tailnet: tailnet).addresses()),
                released: try ReleasedAddressTable(connection: connection, tailnet: tailnet).all()
            )
        }
    }

    public func claimIDs(
        _ kind: IdentifierKind,
        count: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> Int64 {
        try await write { connection in
            let table = TailnetTable(connection: connection, tailnet: tailnet)
            var state = try table.read()
            let first = state[keyPath: kind.next]
            state[keyPath: kind.next] += Int64(max(count, 0))
            try table.write(state)
            return first
        }
    }

    public func ping() async throws(StorageError) {
        _ = try await read { try $0.first("SELECT 1") { try $0.next(Int.self) } }
    }
}

extension IdentifierKind {
    fileprivate var next: WritableKeyPath<TailnetState, Int64> {
        switch self {
        case .user: \.nextUserID
        case .node: \.nextNodeID
        case .authKey: \.nextAuthKeyID
        case .apiKey: \.nextAPIKeyID
        }
    }
}

extension SQLiteStore {
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.read { try body(SQLConnection(database: $0)) }
        } catch {
            throw StorageError(of: error)
        }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (SQLConnection) throws -> Value
    ) async throws(StorageError) -> Value {
        do {
            return try await pool.write { try body(SQLConnection(database: $0)) }
        } catch {
            throw StorageError(of: error)
        }
    }
}
