public import ControlModel
public import Logging
public import Storage

/// The registry's store in a PostgreSQL database, which several processes may use at once.
///
/// Every call ends within ``PostgresLimits/call`` or, for commits whose connection broke, ``PostgresLimits/outcome`` on top, whatever
/// the server or the network does.
public final class PostgresStore: RegistryStore {
    private let connector: Connector
    let pool: LanePool
    let queue: CommitQueue

    /// Connects to nothing yet: see ``open()``.
    public convenience init(_ configuration: Configuration, logger: Logger) {
        self.init(configuration, logger: logger, limits: PostgresLimits())
    }

    /// - Parameter limits: other than usual, for tests.
    init(_ configuration: Configuration, logger: Logger, limits: PostgresLimits) {
        connector = Connector(configuration, limits: limits, logger: logger)
        pool = LanePool(connector: connector)
        queue = CommitQueue(pool: pool)
    }

    /// Reaches the database and brings its schema up to date; several processes may do so at once.
    ///
    /// - Throws: `.unavailable` with a ``PostgresOpenError``, which says whether trying again helps.
    public func open() async throws(StorageError) {
        try await pool.perform { [connector] _, deadline in
            let database = connector.configuration.description
            let session: Session
            do {
                session = try connector.connectPlainly(until: deadline)
            } catch {
                throw StorageError.unavailable(cause: PostgresOpenError(connecting: database, error))
            }
            do {
                let limit = ContinuousClock.now + connector.limits.migration
                try Migrator(session: session, database: database, deadline: limit).run()
            } catch let error as PostgresOpenError {
                throw StorageError.unavailable(cause: error)
            } catch {
                throw StorageError.unavailable(
                    cause: PostgresOpenError.migrationFailed(database: database, cause: error)
                )
            }
        }
    }

    /// Ends all connections once the calls under way are done; later calls are refused.
    public func close() async {
        await pool.close()
    }

    public func commit(_ writes: [RegistryWrite], tailnet: TailnetID) async throws(StorageError) -> [RegistryChange] {
        try await queue.commit(writes, tailnet: tailnet)
    }

    public func version(of tailnet: TailnetID) async throws(StorageError) -> Version {
        try await read([TailnetTable.select(tailnet)]) { try TailnetTable.state($0[0])?.version ?? 0 }
    }

    public func changes(
        since version: Version,
        tailnet: TailnetID,
        limit: Int
    ) async throws(StorageError) -> [RegistryChange]? {
        let (users, nodes) = (UserTable(tailnet: tailnet), NodeTable(tailnet: tailnet))
        let log = ChangeTable(tailnet: tailnet)
        let statements = [
            .beginSnapshot, TailnetTable.select(tailnet), log.select(after: version, limit: limit),
            users.selectChanged(after: version, limit: limit), nodes.selectChanged(after: version, limit: limit),
            .commit,
        ]
        return try await read(statements) { answers in
            let state = try TailnetTable.state(answers[1]) ?? TailnetState()
            guard (state.trimmedThrough...state.version).contains(version) else { return nil }
            return try log.changes(
                answers[2],
                users: answers[3].all("user", users.decode),
                nodes: answers[4].all("node", nodes.decode)
            )
        }
    }

    public func trimChanges(through version: Version, tailnet: TailnetID) async throws(StorageError) {
        let statements = [
            TailnetTable.trim(through: version, tailnet: tailnet), ChangeTable(tailnet: tailnet).deleteTrimmed(),
        ]
        try await read(statements) { _ in }
    }

    public func allocations(of tailnet: TailnetID) async throws(StorageError) -> Allocations {
        let (nodes, released) = (NodeTable(tailnet: tailnet), ReleasedAddressTable(tailnet: tailnet))
        let statements = [
            .beginSnapshot, TailnetTable.select(tailnet), nodes.selectAddresses(), released.selectAll(), .commit,
        ]
        return try await read(statements) { answers in
            let state = try TailnetTable.state(answers[1]) ?? TailnetState()
            return Allocations(
                nextUserID: state.nextUserID,
                nextNodeID: state.nextNodeID,
                nextAuthKeyID: state.nextAuthKeyID,
                nextAPIKeyID: state.nextAPIKeyID,
                used: Set(try nodes.addresses(answers[2])),
                released: try released.addresses(answers[3])
            )
        }
    }

    public func claimIDs(
        _ kind: IdentifierKind,
        count: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> Int64 {
        // Done twice where a connection breaks, it only loses ids.
        try await read([TailnetTable.claim(kind, count: max(count, 0), tailnet: tailnet)]) { answers in
            guard let first = try answers[0].first("tailnet", { try $0.integer(Int64.self) }) else {
                throw PostgresFault.connection("the row of the tailnet cannot be made")
            }
            return first
        }
    }

    public func ping() async throws(StorageError) {
        try await read([Statement("SELECT 1")]) { _ in }
    }
}

extension PostgresStore {
    /// Runs statements in one round trip, again where that helps: reads, and writes that say the same twice.
    func read<Value: Sendable>(
        _ statements: [Statement],
        _ decode: @escaping @Sendable ([RowSet]) throws -> Value
    ) async throws(StorageError) -> Value {
        try await pool.perform { lane, deadline in
            try lane.repeating(until: deadline) { session in
                try decode(session.run(statements, until: deadline))
            }
        }
    }
}
