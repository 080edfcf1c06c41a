import ControlModel
import Foundation
import Keys
public import Storage

/// What every adapter of ``PendingLoginStore`` promises.
public enum PendingLoginStoreContract {
    /// Opens the test's own database: empty at first, and the same one each time.
    public typealias Open = @Sendable () async throws -> any PendingLoginStore

    public static let clauses: [ContractClause<Open>] = rowClauses + limitClauses + stepClauses

    static func clause(
        _ description: String,
        check: @escaping @Sendable (any PendingLoginStore) async throws -> Void
    ) -> ContractClause<Open> {
        ContractClause(description) { open in try await check(try await open()) }
    }

    private static let rowClauses = [
        clause("a login keeps every field and is found by id and by keys") { store in
            var login = PendingLogin.fixture(1)
            login.oldNodeKey = .fixture(9)
            login.expiry = .fixture
            login.isEphemeral = true
            try require(try await store.add(login), is: login)
            try require(try await store.login(login.id, tailnet: .default, now: .fixture), is: login)
            let found = try await store.login(
                machineKey: login.machineKey,
                nodeKey: login.nodeKey,
                tailnet: .default,
                now: .fixture
            )
            try require(found, is: login)
            let other = PendingLogin.fixture(2)
            try require(try await store.login(other.id, tailnet: .default, now: .fixture), is: nil)
        },
        ContractClause("a login is there for whoever opens the database next") { open in
            let login = PendingLogin.fixture(1)
            try await open().add(login)
            try require(try await open().login(login.id, tailnet: .default, now: .fixture), is: login)
        },
        clause("logins are listed oldest first") { store in
            for number in [3, 1, 2] {
                try await store.add(.fixture(number, createdAt: .fixture.addingTimeInterval(Double(number))))
            }
            let listed = try await store.logins(tailnet: .default, now: .fixture)
            try require(listed.map(\.id), is: [1, 2, 3].map { PendingLogin.fixture($0).id })
        },
        clause("a login is not there from its deadline on") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let just = login.deadline.addingTimeInterval(-1)
            try require(try await store.login(login.id, tailnet: .default, now: just), is: login)
            try require(try await store.login(login.id, tailnet: .default, now: login.deadline), is: nil)
            try require(try await store.logins(tailnet: .default, now: login.deadline), is: [])
            try await store.removeEndedLogins(tailnet: .default, now: login.deadline)
            try require(try await store.login(login.id, tailnet: .default, now: .fixture), is: nil)
        },
        clause("a device that asks again gets the login that waits or is approved") { store in
            var first = PendingLogin.fixture(1)
            try await store.add(first)
            var again = PendingLogin.fixture(2)
            (again.machineKey, again.nodeKey) = (first.machineKey, first.nodeKey)
            try require(try await store.add(again), is: first)
            first.state = .approved(user: .fixture(1), method: .cli, expiry: .fixture)
            first = try await store.replaceLogin(first)
            try require(try await store.add(again), is: first)
        },
        clause("a login that is over gives way to a new one") { store in
            for state in [PendingLogin.State.rejected, .done(node: .fixture(1))] {
                var first = PendingLogin.fixture(1)
                first = try requireSome(try await store.add(first), "the login")
                first.state = state
                first = try await store.replaceLogin(first)
                var again = PendingLogin.fixture(2)
                (again.machineKey, again.nodeKey) = (first.machineKey, first.nodeKey)
                try require(try await store.add(again), is: again)
                try require(try await store.login(first.id, tailnet: .default, now: .fixture), is: nil)
                try await store.removeEndedLogins(tailnet: .default, now: again.deadline)
            }
        },
        clause("a device may wait for itself and for several checks at once, each there once") { store in
            let device = PendingLogin.fixture(1)
            try await store.add(device)
            var checks: [PendingLogin] = []
            for (number, user) in [(2, "root"), (3, "alice")] {
                var login = PendingLogin.fixture(number)
                (login.machineKey, login.nodeKey) = (device.machineKey, device.nodeKey)
                login.check = SSHCheck(source: .fixture(1), destination: .fixture(2), localUser: user)
                try require(try await store.add(login), is: login)
                checks.append(login)
            }
            var again = checks[0]
            again.id = PendingLogin.fixture(4).id
            try require(try await store.add(again), is: checks[0])
            let found = try await store.login(
                machineKey: device.machineKey,
                nodeKey: device.nodeKey,
                tailnet: .default,
                now: .fixture
            )
            try require(found, is: device)
            try require(try await store.login(checks[1].id, tailnet: .default, now: .fixture), is: checks[1])
        },
        clause("of several who decide at once, one does") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let winners = await withTaskGroup { group in
                for number in 1...20 {
                    group.addTask {
                        var decided = login
                        decided.state = .approved(user: .fixture(Int64(number)), method: .cli, expiry: nil)
                        return (try? await store.replaceLogin(decided)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(winners, is: 1, "winners")
            try require(try await store.login(login.id, tailnet: .default, now: .fixture)?.version, is: 2)
        },
        clause("of many requests of one device at once, one makes a row and all get it") { store in
            let ids = try await withThrowingTaskGroup { group in
                for number in 1...20 {
                    group.addTask {
                        var login = PendingLogin.fixture(number)
                        (login.machineKey, login.nodeKey) = (.fixture(1), .fixture(1))
                        return try await store.add(login)?.id
                    }
                }
                return try await group.reduce(into: Set<LoginID?>()) { $0.insert($1) }
            }
            try require(ids.count, is: 1, "ids")
            try require(try await store.logins(tailnet: .default, now: .fixture).count, is: 1)
        },
    ]
}

extension PendingLoginStore {
    @discardableResult
    func add(
        _ login: PendingLogin,
        limits: PendingLoginLimits = PendingLoginLimits(),
        now: Date = .fixture
    ) async throws -> PendingLogin? {
        try await addLogin(login, limits: limits, now: now)
    }
}
