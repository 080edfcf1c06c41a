import ControlModel
import IPAddresses
import Keys
import Storage
import TestKit
import Testing

@testable import StoragePostgres

@Suite("PostgreSQL: several registries at once", .serialized, .timeLimit(.minutes(2)))
struct RaceTests {
    let database: TestDatabase
    let stores: [PostgresStore]

    init() async throws {
        database = try await TestDatabase()
        stores = [try await database.openStore(), try await database.openStore()]
        let writes: [RegistryWrite] = [.createUser(.fixture(1)), .createAuthKey(.fixture(1))]
        _ = try await stores[0].commit(writes, tailnet: .default)
    }

    /// Something that only one of two may have; the number tells the racers apart.
    struct Prize: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var conflicts: Set<StorageError.Conflict>
        var writes: @Sendable (Int64) -> [RegistryWrite]
    }

    static let prizes = [
        Prize(testDescription: "address", conflicts: [.address]) { number in
            var node = Node.fixture(number)
            node.ipv4 = Node.fixture(1).ipv4
            return [.createNode(node)]
        },
        Prize(testDescription: "given name", conflicts: [.givenName]) { number in
            var node = Node.fixture(number)
            node.givenName = "wanted"
            return [.createNode(node)]
        },
        Prize(testDescription: "node key", conflicts: [.nodeKey]) { number in
            var node = Node.fixture(number)
            node.nodeKey = .fixture(1)
            return [.createNode(node)]
        },
        Prize(testDescription: "machine key", conflicts: [.machineKey]) { number in
            var node = Node.fixture(number)
            node.machineKey = .fixture(1)
            return [.createNode(node)]
        },
        Prize(testDescription: "id", conflicts: [.identifier]) { number in
            var node = Node.fixture(number)
            node.id = .fixture(1)
            return [.createNode(node)]
        },
        Prize(testDescription: "single-use key", conflicts: [.authKeyUsed]) { number in
            [.consumeAuthKey(.fixture(1)), .createNode(.fixture(number))]
        },
        Prize(testDescription: "version", conflicts: [.stale]) { number in
            var user = User.fixture(1)
            user.version = 1
            user.displayName = "\(number)"
            return [.replaceUser(user)]
        },
        Prize(testDescription: "user name", conflicts: [.userName]) { number in
            [.createUser(.fixture(number + 10, name: "wanted"))]
        },
    ]

    @Test("exactly one wins, the others learn why, versions stay contiguous", arguments: prizes)
    func race(for prize: Prize) async throws {
        let before = try await stores[0].version(of: .default)
        let outcomes = await withTaskGroup(of: Result<[RegistryChange], StorageError>.self) { group in
            for number in Int64(1)...40 {
                let store = stores[Int(number) % 2]
                group.addTask {
                    do throws(StorageError) {
                        return .success(try await store.commit(prize.writes(number), tailnet: .default))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let won = outcomes.compactMap { try? $0.get() }
        #expect(won.count == 1)
        for case .failure(let error) in outcomes {
            guard case .conflict(let conflict) = error, prize.conflicts.contains(conflict) else {
                Issue.record("\(error)")
                continue
            }
        }
        let count = won.first?.count ?? 0
        #expect(won.first?.map(\.version) == (1...count).map { before + Version($0) })
        #expect(try await stores[1].version(of: .default) == before + Version(count))
    }

    @Test("versions of two stores that write at once are contiguous, none twice, and the log has them all")
    func versions() async throws {
        let versions = try await withThrowingTaskGroup(of: [Version].self) { group in
            for number in Int64(1)...400 {
                let store = stores[Int(number) % 2]
                group.addTask {
                    try await store.commit([.createNode(.fixture(number))], tailnet: .default).map(\.version)
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(versions.sorted() == Array(3...402))
        let log = try await stores[0].changes(since: 0, tailnet: .default, limit: 1000)
        #expect(log?.map(\.version) == Array(1...402))
    }

    @Test("a constraint met by somebody who takes no lock fails that batch alone")
    func backstop() async throws {
        // Another program's open transaction holds the name: it is not seen, and the index makes us wait for it.
        let intruder = database.store()
        try await withThrowingTaskGroup { group in
            group.addTask { [database] in
                try await intruder.pool.perform { lane, deadline in
                    try lane.run(until: deadline) { session in
                        var node = Node.fixture(100)
                        node.givenName = "host1"
                        node.version = 3
                        let insert = try NodeTable(tailnet: .default).insert(node)
                        _ = try session.run([.begin, insert], until: deadline)
                        while try Self.waiting(in: database.name, session, deadline) == 0 { pause(.milliseconds(5)) }
                        _ = try session.run([.commit], until: deadline)
                    }
                }
            }
            try await eventually("the intruder is in") {
                try await database.sql(
                    """
                    SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
                    WHERE relname = 'nodes' AND mode = 'RowExclusiveLock'
                    """
                )
            } until: {
                $0 != "0"
            }
            let names = await withTaskGroup(of: String.self) { group in
                for number in Int64(1)...10 {
                    group.addTask { [store = stores[0]] in
                        do {
                            _ = try await store.commit([.createNode(.fixture(number))], tailnet: .default)
                            return "written"
                        } catch StorageError.conflict(let conflict) {
                            return "\(conflict)"
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(names.sorted() == ["givenName"] + Array(repeating: "written", count: 9))
            try await group.waitForAll()
        }
    }

    private static func waiting(in database: String, _ session: Session, _ deadline: Session.Instant) throws -> Int {
        let count = Statement(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'",
            [.text(database)]
        )
        // What one transaction sees of the activity does not change unless asked.
        let clear = Statement("SELECT pg_stat_clear_snapshot()")
        return try session.run([clear, count], until: deadline)[1].first("count") { try $0.integer() } ?? 0
    }
}
