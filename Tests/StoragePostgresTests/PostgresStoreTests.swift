import ControlModel
import Foundation
import IPAddresses
import Keys
import Storage
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL store", .serialized, .timeLimit(.minutes(2)))
struct PostgresStoreTests {
    let database: TestDatabase

    init() async throws {
        database = try await TestDatabase()
    }

    @Test("it keeps the contract of the registry's store", arguments: RegistryStoreContract.clauses)
    func contract(clause: ContractClause<RegistryStoreContract.Open>) async throws {
        try await clause.check { [database] in try await database.openStore() }
    }

    @Test("it keeps the contract of pending logins", arguments: PendingLoginStoreContract.clauses)
    func loginContract(clause: ContractClause<PendingLoginStoreContract.Open>) async throws {
        try await clause.check { [database] in try await database.openStore() }
    }

    @Test("it keeps the contract of SSH confirmations", arguments: SSHConfirmationStoreContract.clauses)
    func confirmationContract(clause: ContractClause<SSHConfirmationStoreContract.Open>) async throws {
        try await clause.check { [database] in try await database.openStore() }
    }

    @Test("it keeps the contract of presence", arguments: PresenceStoreContract.clauses)
    func presence(clause: ContractClause<PresenceStoreContract.Open>) async throws {
        try await clause.check { [database] in try await database.openStore() }
    }

    @Test("it keeps the contract of the policy store", arguments: PolicyStoreContract.clauses)
    func policy(clause: ContractClause<PolicyStoreContract.Open>) async throws {
        try await clause.check { [database] in try await database.openStore() }
    }

    @Test("a row that does not decode is corrupt, with its kind", arguments: ["node_key", "tags", "hostinfo"])
    func corruptRow(column: String) async throws {
        let store = try await database.openStore()
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        try await database.sql("UPDATE nodes SET \(column) = 'nonsense'")
        let isCorruptNode: (any Error) -> Bool = { error in
            if case StorageError.corrupt("node", _) = error { true } else { false }
        }
        await #expect { try await store.node(.fixture(1), tailnet: .default) } throws: { isCorruptNode($0) }
        await #expect {
            try await store.commit([.updateNodeStatus(.fixture(1), NodeStatus(homeDERP: 1))], tailnet: .default)
        } throws: {
            isCorruptNode($0)
        }
        #expect(try await store.commit([.createUser(.fixture(2))], tailnet: .default).count == 1)
    }

    @Test("more commits than one transaction takes are all written")
    func manyCommits() async throws {
        let store = try await database.openStore()
        let count = 3 * PostgresLimits().batchesPerTransaction
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        try await withThrowingTaskGroup { group in
            for number in 1...count {
                group.addTask {
                    let report = RegistryWrite.updateNodeStatus(.fixture(1), NodeStatus(homeDERP: number))
                    _ = try await store.commit([report], tailnet: .default)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.version(of: .default) == Version(count + 2))
    }

    @Test("released addresses beyond the limit count as never used")
    func releasedLimit() async throws {
        let store = try await database.openStore()
        try await database.sql(
            """
            INSERT INTO released_addresses (tailnet, address, version, position)
            SELECT 'default', '10.0.' || n / 256 || '.' || n % 256, 0, n
            FROM generate_series(1, \(ReleasedAddressTable.limit)) AS n
            """
        )
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        _ = try await store.commit([.deleteNode(.fixture(1))], tailnet: .default)
        let released = try await store.allocations(of: .default).released
        #expect(released.count == ReleasedAddressTable.limit)
        #expect(released.first?.description == "10.0.0.3")
        #expect(released.suffix(2) == Node.fixture(1).addresses.map(\.address)[...])
    }

    @Test("text is kept whatever is in it", arguments: ["a\u{0}b", "\u{1}0\u{0}\u{1}", "\u{1}", "'\"\\{},", "é☂🜁"])
    func text(_ text: String) async throws {
        let store = try await database.openStore()
        var (user, node) = (User.fixture(1, name: text), Node.fixture(1))
        user.displayName = text
        (node.hostname, node.givenName, node.stableID, node.hostinfo.os) = (text, text, text, text)
        let writes: [RegistryWrite] = [.createUser(user), .createNode(node)]
        let changes = try await store.commit(writes, tailnet: .default)
        (user.version, node.version) = (1, 2)
        #expect(changes.map(\.subject) == [.user(user), .node(node)])
        #expect(try await store.user(named: text, tailnet: .default) == user)
        #expect(try await store.node(.fixture(1), tailnet: .default) == node)
        await #expect { try await store.commit([.createUser(user)], tailnet: .default) } throws: { error in
            if case StorageError.conflict(.identifier) = error { true } else { false }
        }
    }

    @Test("dates are kept to the last bit", arguments: [0.1, -1e-9, 800_000_000.123_456_789, 1e300, -978_307_200])
    func dates(seconds: Double) async throws {
        let store = try await database.openStore()
        var user = User.fixture(1)
        user.createdAt = Date(timeIntervalSinceReferenceDate: seconds)
        _ = try await store.commit([.createUser(user)], tailnet: .default)
        #expect(try await store.user(.fixture(1), tailnet: .default)?.createdAt == user.createdAt)
    }

    @Test("reads and writes of cancelled tasks are told as cancelled while they wait")
    func cancellation() async throws {
        let store = try await database.openStore()
        let outcomes = await withTaskGroup(of: [Bool].self) { group in
            group.cancelAll()
            group.addTask {
                await [
                    isCancelled { _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default) }
                ]
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(outcomes == [true])
        #expect(try await store.users(tailnet: .default).isEmpty)
    }

    @Test("a closed store refuses, and leaves no connection")
    func close() async throws {
        let store = try await database.openStore()
        await withThrowingTaskGroup { group in
            for _ in 1...20 { group.addTask { try await store.ping() } }
        }
        await store.close()
        await #expect { try await store.ping() } throws: { isUnavailable($0) }
        await #expect {
            try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        } throws: {
            isUnavailable($0)
        }
        try await eventually("all connections are gone") {
            try await database.server.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = '\(database.name)'")
        } until: {
            $0 == "0"
        }
    }

    private func isCancelled(_ body: () async throws -> Void) async -> Bool {
        do {
            try await body()
            return false
        } catch StorageError.cancelled {
            return true
        } catch {
            return false
        }
    }
}
