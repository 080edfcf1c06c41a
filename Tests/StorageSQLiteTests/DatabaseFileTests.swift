import ControlModel
import Foundation
import GRDB
import Storage
import TestKit
import Testing

@testable import StorageSQLite

@Suite("Database file", .timeLimit(.minutes(1)))
struct DatabaseFileTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("registry.sqlite")
    }

    @Test("it is created for its owner alone, with its side files")
    func permissions() async throws {
        let store = try SQLiteStore(path: path)
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        for file in [path, path + "-wal", path + "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
        }
    }

    @Test("commits are synced, foreign keys checked, the journal written ahead")
    func pragmas() async throws {
        let store = try SQLiteStore(path: path)
        let values = try await store.write { connection in
            try ["synchronous", "foreign_keys"].map { try Int.fetchOne(connection.database, sql: "PRAGMA \($0)") }
        }
        #expect(values == [2, 1])
        let mode = try await store.write { try String.fetchOne($0.database, sql: "PRAGMA journal_mode") }
        #expect(mode == "wal")
    }

    @Test("a schema of any earlier number is brought up to date", arguments: 0..<Migration.all.count)
    func migration(from number: Int) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { try Migration.run(in: $0, through: number) }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.commit([.createUser(.fixture(1))], tailnet: .default).count == 1)
        let schema = try await store.write { try Int.fetchOne($0.database, sql: "PRAGMA user_version") }
        #expect(schema == Migration.all.count)
    }

    @Test("nodes that an earlier release left online have a lease to come back")
    func presenceMigration() async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { database in
            try Migration.run(in: database, through: 1)
            let connection = SQLConnection(database: database)
            try connection.run("INSERT INTO users VALUES ('default', 1, 'ann', '', '', '', 0, 1)")
            // What this release writes has columns that came later; they are there for as long as it writes.
            try connection.run("ALTER TABLE nodes ADD COLUMN routing TEXT")
            try connection.run("ALTER TABLE nodes ADD COLUMN is_approved INTEGER NOT NULL DEFAULT 1")
            try connection.run("ALTER TABLE nodes ADD COLUMN posture_identity TEXT")
            let nodes = NodeTable(connection: connection, tailnet: .default)
            var online = Node.fixture(1)
            online.isOnline = true
            try nodes.insert(online)
            try nodes.insert(.fixture(2))
            try connection.run("ALTER TABLE nodes DROP COLUMN posture_identity")
            try connection.run("ALTER TABLE nodes DROP COLUMN routing")
            try connection.run("ALTER TABLE nodes DROP COLUMN is_approved")
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        let survey = try await store.presence(of: .default)
        #expect(survey == PresenceSurvey(gateways: ["earlier release": 0]))
        let changes = try await store.endLease(of: "earlier release", beat: 0, lastSeen: .fixture, tailnet: .default)
        #expect(changes.count == 1)
        #expect(try await store.node(.fixture(1), tailnet: .default)?.isOnline == false)
    }

    @Test("users of an earlier release are members")
    func roleMigration() async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { database in
            try Migration.run(in: database, through: 2)
            let connection = SQLConnection(database: database)
            try connection.run("INSERT INTO users VALUES ('default', 1, 'ann', '', '', '', 0, 1)")
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.user(.fixture(1), tailnet: .default)?.role == .member)
    }

    @Test("migrations are numbered from 1 without gaps")
    func numbers() {
        #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
    }

    @Test("a newer schema is refused")
    func newerSchema() throws {
        _ = try SQLiteStore(path: path)
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 9999") }
        try queue.close()
        #expect {
            try SQLiteStore(path: path)
        } throws: { error in
            if case SQLiteOpenError.newerSchema(path, 9999, Migration.all.count) = error { true } else { false }
        }
    }

    @Test("another program's database is refused and not touched")
    func foreign() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { try $0.execute(sql: "CREATE TABLE t (x)") }
        try queue.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect {
            try SQLiteStore(path: path)
        } throws: { error in
            if case SQLiteOpenError.foreign(path) = error { true } else { false }
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == before)
    }

    @Test("something that is no database is refused")
    func notADatabase() throws {
        try Data(repeating: UInt8(ascii: "x"), count: 5000).write(to: URL(filePath: path))
        #expect {
            try SQLiteStore(path: path)
        } throws: { error in
            if case SQLiteOpenError.notADatabase(path) = error { true } else { false }
        }
    }

    @Test("a directory that is not there is told")
    func missingDirectory() throws {
        let path = directory.path("nowhere/registry.sqlite")
        #expect {
            try SQLiteStore(path: path)
        } throws: { error in
            if case SQLiteOpenError.inaccessible(path, _) = error { true } else { false }
        }
    }

    @Test("a directory in the file's place is told")
    func directoryInPlace() throws {
        #expect {
            try SQLiteStore(path: directory.url.path)
        } throws: { error in
            if case SQLiteOpenError.inaccessible = error { true } else { false }
        }
    }

    @Test("a file that another program locks is told, and works afterwards")
    func locked() throws {
        _ = try SQLiteStore(path: path)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try other.inDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE") }
        #expect {
            try SQLiteStore(path: path, patience: .milliseconds(10))
        } throws: { error in
            if case SQLiteOpenError.locked(path) = error { true } else { false }
        }
        try other.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try other.close()
        _ = try SQLiteStore(path: path)
    }
}
