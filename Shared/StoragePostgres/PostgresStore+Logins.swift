public import ControlModel
public import Foundation
public import Keys
public import Storage

extension PostgresStore: PendingLoginStore {
    public func addLogin(
        _ login: PendingLogin,
        limits: PendingLoginLimits,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await pool.perform { lane, deadline in
            // Repeating it finds the row that the first time may have written.
            try lane.repeating(until: deadline) { session in
                try Addition(login: login, limits: limits, now: now, session: session, deadline: deadline).run()
            }
        }
    }

    public func login(
        _ id: LoginID,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await logins(tailnet) { $0.select(id, now: now) }.first
    }

    public func login(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> PendingLogin? {
        try await logins(tailnet) { $0.select(machineKey: machineKey, nodeKey: nodeKey, now: now) }.first
    }

    public func logins(tailnet: TailnetID, now: Date) async throws(StorageError) -> [PendingLogin] {
        try await logins(tailnet) { $0.selectAll(now: now) }
    }

    public func replaceLogin(_ login: PendingLogin) async throws(StorageError) -> PendingLogin {
        var replaced = login
        replaced.version += 1
        let table = PendingLoginTable(tailnet: login.tailnet)
        return try await pool.perform { [replaced] lane, deadline in
            try lane.run(until: deadline) { session in
                let answers = try session.run([table.update(replaced)], until: deadline)
                guard answers.first?.tag == "UPDATE 1" else { throw StorageError.conflict(.stale) }
                return replaced
            }
        }
    }

    public func addStep(_ step: LoginStep, limit: Int, tailnet: TailnetID) async throws(StorageError) {
        let table = LoginStepTable(tailnet: tailnet)
        try await pool.perform { lane, deadline in
            try lane.run(until: deadline) { session in
                _ = try session.run([table.insert(step), table.trim(step.login, to: limit)], until: deadline)
            }
        }
    }

    public func takeStep(
        secretHash: Data,
        browserHash: Data,
        tailnet: TailnetID,
        now: Date
    ) async throws(StorageError) -> LoginStep? {
        let table = LoginStepTable(tailnet: tailnet)
        let statement = table.take(secretHash: secretHash, browserHash: browserHash, now: now)
        // Not repeated: a round that was taken without our hearing of it is gone, and the person begins another.
        return try await pool.perform { lane, deadline in
            try lane.run(until: deadline) { session in
                try session.run([statement], until: deadline)[0].first("login step") { row in
                    try table.decode(&row, secretHash: secretHash, browserHash: browserHash)
                }
            }
        }
    }

    public func removeEndedLogins(tailnet: TailnetID, now: Date) async throws(StorageError) {
        let statements = [
            PendingLoginTable(tailnet: tailnet).deleteEnded(by: now),
            LoginStepTable(tailnet: tailnet).deleteEnded(by: now),
        ]
        try await read(statements) { _ in }
    }

    private func logins(
        _ tailnet: TailnetID,
        _ statement: (PendingLoginTable) -> Statement
    ) async throws(StorageError) -> [PendingLogin] {
        let table = PendingLoginTable(tailnet: tailnet)
        return try await read([statement(table)]) { try $0[0].all("pending login", table.decode) }
    }
}

/// Adds one login in a transaction that no other addition of the tailnet runs beside.
private struct Addition {
    let login: PendingLogin
    let limits: PendingLoginLimits
    let now: Date
    let session: Session
    let deadline: ContinuousClock.Instant

    private var table: PendingLoginTable { PendingLoginTable(tailnet: login.tailnet) }

    func run() throws -> PendingLogin? {
        let answers = try session.run(
            [
                .begin, table.lock(), table.deleteEnded(by: now),
                table.select(machineKey: login.machineKey, nodeKey: login.nodeKey, check: login.check, now: now),
                table.count(source: login.source), table.count(), table.selectLargestSource(),
            ],
            until: deadline
        )
        var writes: [Statement] = []
        var freed = 0
        if let known = try answers[3].first("pending login", table.decode) {
            guard known.isOver else { return try end(with: known) }
            writes.append(table.delete(known.id))
            freed = 1
        }
        let fromSource = try number(answers[4]) - (freed == 1 ? try ownShare(answers[3]) : 0)
        guard fromSource < limits.perSource else { return try end(with: nil) }
        if try number(answers[5]) - freed >= limits.total {
            guard let largest = try largest(answers[6]), largest.source != login.source else {
                return try end(with: nil)
            }
            writes.append(table.delete(largest.oldest))
        }
        writes.append(try table.insert(login))
        _ = try session.run(writes + [.commit], until: deadline)
        return login
    }

    /// Keeps what ended logins were removed.
    private func end(with stored: PendingLogin?) throws -> PendingLogin? {
        _ = try session.run([.commit], until: deadline)
        return stored
    }

    /// Whether the login that gives way counts for the same source.
    private func ownShare(_ rows: RowSet) throws -> Int {
        try rows.first("pending login", table.decode)?.source == login.source ? 1 : 0
    }

    private func number(_ rows: RowSet) throws -> Int {
        try rows.first("pending login") { try $0.integer() } ?? 0
    }

    private func largest(_ rows: RowSet) throws -> (source: String, oldest: LoginID)? {
        try rows.first("pending login") { row in
            let source = try row.text()
            guard let id = LoginID(try row.text()) else { throw row.unreadable(LoginID.self) }
            return (source, id)
        }
    }
}
