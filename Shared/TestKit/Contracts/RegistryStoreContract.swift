import ControlModel
public import Storage

/// What every adapter of ``RegistryStore`` promises.
public enum RegistryStoreContract {
    /// Opens the test's own database: empty at first, and the same one each time.
    public typealias Open = @Sendable () async throws -> any RegistryStore

    public static let clauses: [ContractClause<Open>] =
        userClauses + nodeClauses + keyClauses + conflictClauses + commitClauses + changeClauses + allocationClauses
        + auditClauses + attributeClauses

    /// A clause that needs the database once.
    static func clause(
        _ description: String,
        check: @escaping @Sendable (any RegistryStore) async throws -> Void
    ) -> ContractClause<Open> {
        ContractClause(description) { open in try await check(try await open()) }
    }

    static func requireConflict(
        _ expected: StorageError.Conflict,
        _ store: any RegistryStore,
        _ writes: RegistryWrite...,
        line: UInt = #line
    ) async throws {
        let version = try await store.version(of: .default)
        do {
            let changes = try await store.commit(writes, tailnet: .default)
            throw ContractViolation(description: "line \(line): expected the conflict \(expected), got \(changes)")
        } catch StorageError.conflict(let conflict) {
            try require(conflict, is: expected, line: line)
        }
        try require(try await store.version(of: .default), is: version, "version after a conflict", line: line)
    }

    /// The node of a change.
    static func node(_ change: RegistryChange?) throws -> Node {
        guard case .node(let node)? = change?.subject else {
            throw ContractViolation(description: "not a change of a node: \(String(describing: change))")
        }
        return node
    }
}

extension RegistryStore {
    @discardableResult
    func commit(_ writes: RegistryWrite...) async throws -> [RegistryChange] {
        try await commit(writes, tailnet: .default)
    }
}
