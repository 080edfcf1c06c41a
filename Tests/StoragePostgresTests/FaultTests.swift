import ControlModel
import Foundation
import Storage
import Synchronization
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL: faults", .serialized, .timeLimit(.minutes(3)))
struct FaultTests {
    let server: PostgresServer
    let database: TestDatabase

    init() async throws {
        server = try await PostgresServer()
        database = try await TestDatabase(on: server)
    }

    @Test("whatever was acknowledged is there after kill -9 in the middle of commits, and nothing twice")
    func crash() async throws {
        let stores = [try await database.openStore(), try await database.openStore()]
        _ = try await stores[0].commit([.createUser(.fixture(1))], tailnet: .default)
        let tally = Tally()
        try await withThrowingTaskGroup { group in
            for writer in 0..<8 {
                group.addTask {
                    try await Self.write(
                        stores[writer % 2],
                        numbers: stride(from: writer + 1, through: 1600, by: 8),
                        tally
                    )
                }
            }
            for round in 1...3 {
                try await eventually("commits go on", within: .seconds(60)) { tally.acknowledged.count >= round * 350 }
                try await server.crash()
                try await server.start()
            }
            try await group.waitForAll()
        }
        let nodes = try await stores[0].nodes(after: nil, limit: 5000, tailnet: .default)
        #expect(nodes.map(\.id.rawValue) == Array(1...1600))
        let acknowledged = tally.acknowledged
        for node in nodes {
            if let version = acknowledged[node.id.rawValue] { #expect(version == node.version) }
        }
        #expect(acknowledged.count > 1500)
        let log = try await stores[1].changes(since: 0, tailnet: .default, limit: 5000)
        #expect(log?.map(\.version) == Array(1...1601))
        #expect(tally.failures > 0)
    }

    /// Creates nodes one after the other, each again until it is certainly there.
    private static func write(_ store: PostgresStore, numbers: StrideThrough<Int>, _ tally: Tally) async throws {
        for number in numbers {
            try await eventually("node \(number) is written") {
                do {
                    let changes = try await store.commit([.createNode(.fixture(Int64(number)))], tailnet: .default)
                    tally.note(Int64(number), changes)
                    return true
                } catch StorageError.conflict(.identifier) {
                    // An earlier attempt was written, and it could not be found out in time.
                    return true
                } catch StorageError.unavailable {
                    tally.noteFailure()
                    return false
                }
            }
        }
    }

    @Test("a server that stopped is unavailable at once, and used again when it is back")
    func stopped() async throws {
        try await database.openStore().ping()
        let store = database.store(limits: PostgresLimits())
        try await eventually("a connection is made in time") {
            (try? await store.commit([.createUser(.fixture(1))], tailnet: .default)) != nil
        }
        try await server.stop()
        let elapsed = await ContinuousClock().measure {
            for number in Int64(2)...20 {
                await #expect {
                    try await store.commit([.createUser(.fixture(number))], tailnet: .default)
                } throws: {
                    isUnavailable($0)
                }
                await #expect { try await store.users(tailnet: .default) } throws: { isUnavailable($0) }
            }
        }
        #expect(elapsed < PostgresLimits().call)
        try await server.start()
        try await eventually("the store works again") {
            (try? await store.commit([.createUser(.fixture(2))], tailnet: .default)) != nil
        }
        #expect(try await store.users(tailnet: .default).count == 2)
        #expect(try await store.version(of: .default) == 2)
    }

    @Test("connections that ended while idle are not noticed by callers")
    func endedIdle() async throws {
        let store = try await database.openStore()
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        for number in Int64(2)...5 {
            try await terminateAll()
            #expect(try await store.commit([.createUser(.fixture(number))], tailnet: .default).count == 1)
            try await terminateAll()
            #expect(try await store.users(tailnet: .default).count == Int(number))
        }
    }

    @Test("a server that answers nothing holds no call longer than the limit")
    func frozen() async throws {
        var limits = PostgresLimits()
        (limits.call, limits.connect, limits.outcome) = (.seconds(1), .milliseconds(500), .seconds(1))
        try await database.openStore().ping()
        let store = database.store(limits: limits)
        try await eventually("a connection is made in time") {
            (try? await store.commit([.createUser(.fixture(1))], tailnet: .default)) != nil
        }
        server.freeze()
        defer { server.thaw() }
        let elapsed = await ContinuousClock().measure {
            await withDiscardingTaskGroup { group in
                for number in Int64(2)...20 {
                    group.addTask {
                        await #expect { try await store.ping() } throws: { isUnavailable($0) }
                    }
                    group.addTask {
                        await #expect {
                            try await store.commit([.createUser(.fixture(number))], tailnet: .default)
                        } throws: {
                            isUnavailable($0)
                        }
                    }
                }
            }
        }
        // The pauses of a busy machine included; without limits it would not end at all.
        #expect(elapsed < .seconds(20))
        server.thaw()
        try await eventually("the store works again") {
            (try? await store.commit([.createUser(.fixture(30))], tailnet: .default)) != nil
        }
    }

    @Test("a commit that was written although its connection broke is told as written")
    func brokenAfterCommit() async throws {
        let store = try await database.openStore()
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        // Commits are written and then wait for a standby that does not exist.
        let before = try await server.sql("SELECT pg_conf_load_time()")
        try await server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await server.sql("SELECT pg_reload_conf()")
        try await eventually("the server has read its settings") {
            try await server.sql("SELECT pg_conf_load_time()")
        } until: {
            $0 != before
        }
        // Whether commits wait is told to all by the checkpointer, which has read them by the end of this.
        try await server.sql("CHECKPOINT")
        async let outcome = store.commit([.createNode(.fixture(1))], tailnet: .default)
        try await eventually("the commit waits") {
            try await server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        } until: {
            $0 == "1"
        }
        try await terminateAll()
        #expect(try await outcome.map(\.version) == [2])
        try await server.sql("ALTER SYSTEM RESET synchronous_standby_names")
        try await server.sql("SELECT pg_reload_conf()")
        #expect(try await store.version(of: .default) == 2)
    }

    @Test("a commit whose connection broke before it was written is written once")
    func brokenBeforeCommit() async throws {
        let store = try await database.openStore()
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        // Keeps the last round trip from going through.
        try await database.sql(
            """
            CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
            CREATE TRIGGER hold BEFORE INSERT ON nodes FOR EACH ROW EXECUTE FUNCTION hold();
            """
        )
        let holder = database.store()
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            group.addTask {
                try await holder.pool.perform { lane, deadline in
                    try lane.run(until: deadline) { session in
                        let lock = Statement("SELECT pg_advisory_xact_lock(1)")
                        _ = try session.run([.begin, lock], until: deadline)
                        while !gate.isOpen {
                            _ = try session.run([Statement("SELECT 1")], until: deadline)
                            pause(.milliseconds(5))
                        }
                    }
                }
            }
            try await eventually("the lock is held") {
                try await server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
            } until: {
                $0 == "1"
            }
            async let outcome = store.commit([.createNode(.fixture(1))], tailnet: .default)
            try await eventually("the commit waits") {
                try await server.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            } until: {
                $0 == "1"
            }
            try await server.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            gate.open()
            #expect(try await outcome.map(\.version) == [2])
            try await group.waitForAll()
        }
        #expect(try await store.version(of: .default) == 2)
    }

    @Test("a process that hangs in a transaction does not keep others from writing for long")
    func hungWriter() async throws {
        let store = try await database.openStore()
        _ = try await store.commit([.createUser(.fixture(1))], tailnet: .default)
        var limits = PostgresLimits()
        limits.idleTransaction = .milliseconds(300)
        let hung = database.store(limits: limits)
        try await hung.pool.perform { lane, deadline in
            try? lane.run(until: deadline) { session in
                _ = try session.run([.begin, TailnetTable.lock(.default)], until: deadline)
                pause(.seconds(1))
                _ = try session.run([Statement("SELECT 1")], until: deadline)
            }
        }
        #expect(try await store.commit([.createUser(.fixture(2))], tailnet: .default).map(\.version) == [2])
    }

    private func terminateAll() async throws {
        try await server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(PostgresServer.user)'"
        )
    }
}

/// Opens once.
private final class Gate: Sendable {
    private let state = Mutex(false)

    var isOpen: Bool { state.withLock { $0 } }

    func open() {
        state.withLock { $0 = true }
    }
}

/// What several writers were told.
private final class Tally: Sendable {
    private struct State {
        var acknowledged: [Int64: Version] = [:]
        var failures = 0
    }

    private let state = Mutex(State())

    var acknowledged: [Int64: Version] { state.withLock { $0.acknowledged } }
    var failures: Int { state.withLock { $0.failures } }

    func note(_ number: Int64, _ changes: [RegistryChange]) {
        state.withLock { $0.acknowledged[number] = changes.first?.version }
    }

    func noteFailure() {
        state.withLock { $0.failures += 1 }
    }
}
