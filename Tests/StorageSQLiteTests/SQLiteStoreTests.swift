import ControlModel
import Foundation
import GRDB
import IPAddresses
import Storage
import TestKit
import Testing

@testable import StorageSQLite

@Suite("SQLite store", .timeLimit(.minutes(1)))
struct SQLiteStoreTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("registry.sqlite")
    }

    @Test("it keeps the contract of the registry's store", arguments: RegistryStoreContract.clauses)
    func contract(clause: ContractClause<RegistryStoreContract.Open>) async throws {
        try await clause.check { [path] in try SQLiteStore(path: path) }
    }

    @Test("it keeps the contract of pending logins", arguments: PendingLoginStoreContract.clauses)
    func loginContract(clause: ContractClause<PendingLoginStoreContract.Open>) async throws {
        try await clause.check { [path] in try SQLiteStore(path: path) }
    }

    @Test("it keeps the contract of SSH confirmations", arguments: SSHConfirmationStoreContract.clauses)
    func confirmationContract(clause: ContractClause<SSHConfirmationStoreContract.Open>) async throws {
        try await clause.check { [path] in try SQLiteStore(path: path) }
    }

    @Test("it keeps the contract of presence", arguments: PresenceStoreContract.clauses)
    func presence(clause: ContractClause<PresenceStoreContract.Open>) async throws {
        try await clause.check { [path] in try SQLiteStore(path: path) }
    }

    @Test("it keeps the contract of the policy store", arguments: PolicyStoreContract.clauses)
    func policyContract(clause: ContractClause<PolicyStoreContract.Open>) async throws {
        try await clause.check { [path] in try SQLiteStore(path: path) }
    }

    @Test("a full disk is unavailable, leaves nothing, and passes")
    func fullDisk() async throws {
        let store = try SQLiteStore(path: path, patience: .seconds(1)) { database in
            try database.execute(sql: "PRAGMA max_page_count = 60")
        }
        var user = User.fixture(2)
        user.displayName = String(repeating: "x", count: 1_000_000)
        await #expect {
            try await store.commit([.createUser(.fixture(1, name: "small")), .createUser(user)], tailnet: .default)
        } throws: { error in
            if case StorageError.unavailable(let cause as DatabaseError) = error {
                return cause.resultCode == .SQLITE_FULL
            }
            return false
        }
        #expect(try await store.users(tailnet: .default).isEmpty)
        #expect(try await store.commit([.createUser(.fixture(1))], tailnet: .default).count == 1)
    }

    @Test("a row that does not decode is corrupt, with its kind", arguments: ["node_key", "tags", "hostinfo"])
    func corruptRow(column: String) async throws {
        let store = try SQLiteStore(path: path)
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        try await store.write { try $0.run("UPDATE nodes SET \(column) = 'nonsense'") }
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
        let store = try SQLiteStore(path: path)
        let count = 3 * CommitQueue.batchesPerTransaction
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
        let store = try SQLiteStore(path: path)
        try await store.write { connection in
            for number in 1...ReleasedAddressTable.limit {
                try connection.run(
                    "INSERT INTO released_addresses (tailnet, address) VALUES ('default', ?)",
                    ["10.0.\(number >> 8).\(number & 0xFF)"]
                )
            }
        }
        _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: .default)
        _ = try await store.commit([.deleteNode(.fixture(1))], tailnet: .default)
        let released = try await store.allocations(of: .default).released
        #expect(released.count == ReleasedAddressTable.limit)
        #expect(released.first?.description == "10.0.0.3")
        #expect(released.suffix(2) == Node.fixture(1).addresses.map(\.address)[...])
    }
}
