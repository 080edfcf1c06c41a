import ControlModel
import Foundation
import Storage

extension PendingLoginStoreContract {
    static let stepClauses = [
        clause("a round keeps every field and is there once") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let person = LoginPerson(
                identity: UserIdentity(issuer: "https://id.test", subject: "7", groups: ["a", "b"]),
                names: ["anna"],
                displayName: "Anna",
                email: "anna@id.test",
                profilePictureURL: "https://id.test/7.png",
                nodeExpiry: .fixture
            )
            for stage in [
                LoginStep.Stage.authorizing(nonce: "n", verifier: "v"),
                .authorizing(nonce: "n", verifier: "v", issuer: "https://id.test"), .confirming(person),
            ] {
                let step = step(1, of: login, stage)
                try await store.addStep(step, limit: 8, tailnet: .default)
                try require(try await store.take(step), is: step)
                try require(try await store.take(step), is: nil)
            }
        },
        clause("a round is not given to another browser, and stays for its own") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let step = step(1, of: login)
            try await store.addStep(step, limit: 8, tailnet: .default)
            var foreign = step
            foreign.browserHash = Data([9])
            try require(try await store.take(foreign), is: nil)
            foreign.browserHash = Data()
            try require(try await store.take(foreign), is: nil)
            try require(try await store.take(step), is: step)
        },
        clause("a round ends with its deadline, and with its login") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let step = step(1, of: login)
            try await store.addStep(step, limit: 8, tailnet: .default)
            try require(try await store.take(step, now: step.deadline), is: nil)
            try await store.removeEndedLogins(tailnet: .default, now: login.deadline)
            try require(try await store.take(step), is: nil)
            do {
                try await store.addStep(step, limit: 8, tailnet: .default)
                try require(false, "a round of a login that is gone was stored")
            } catch StorageError.conflict(.missingReference) {}
        },
        clause("the latest rounds of a login are kept, and those of others") { store in
            let (login, other) = (PendingLogin.fixture(1), PendingLogin.fixture(2))
            try await store.add(login)
            try await store.add(other)
            try await store.addStep(step(100, of: other), limit: 3, tailnet: .default)
            for number in UInt8(1)...5 { try await store.addStep(step(number, of: login), limit: 3, tailnet: .default) }
            for number in UInt8(1)...2 { try require(try await store.take(step(number, of: login)), is: nil) }
            for number in UInt8(3)...5 {
                try require(try await store.take(step(number, of: login)) != nil, "\(number)")
            }
            try require(try await store.take(step(100, of: other)) != nil, "the other login's round is gone")
        },
        clause("of many who take a round at once, one gets it") { store in
            let login = PendingLogin.fixture(1)
            try await store.add(login)
            let step = step(1, of: login)
            try await store.addStep(step, limit: 8, tailnet: .default)
            let winners = try await withThrowingTaskGroup { group in
                for _ in 1...20 { group.addTask { try await store.take(step) != nil } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(winners, is: 1, "winners")
        },
    ]

    private static func step(
        _ number: UInt8,
        of login: PendingLogin,
        _ stage: LoginStep.Stage = .authorizing(nonce: "n", verifier: "v")
    ) -> LoginStep {
        LoginStep(
            secretHash: Data([number]),
            login: login.id,
            browserHash: Data([1, number]),
            stage: stage,
            deadline: .fixture.addingTimeInterval(600)
        )
    }
}

extension PendingLoginStore {
    fileprivate func take(_ step: LoginStep, now: Date = .fixture) async throws -> LoginStep? {
        try await takeStep(
            secretHash: step.secretHash,
            browserHash: step.browserHash,
            tailnet: .default,
            now: now
        )
    }
}
