import ControlModel
import Foundation
public import Storage

/// What every adapter of ``SSHConfirmationStore`` promises.
public enum SSHConfirmationStoreContract {
    /// Opens the test's own database: empty at first, and the same one each time.
    public typealias Open = @Sendable () async throws -> any SSHConfirmationStore

    private static let check = SSHCheck(source: .fixture(1), destination: .fixture(2), localUser: "root")

    public static let clauses: [ContractClause<Open>] = [
        ContractClause("a confirmation is there for whoever opens the database next") { open in
            try require(try await open().confirmation(of: check, tailnet: .default), is: nil)
            try await open().confirm(check, at: .fixture, tailnet: .default)
            try require(try await open().confirmation(of: check, tailnet: .default), is: .fixture)
        },
        ContractClause("a confirmation holds for its own source, destination and account alone") { open in
            let store = try await open()
            try await store.confirm(check, at: .fixture, tailnet: .default)
            var others = [check, check, check, check]
            others[0].source = .fixture(3)
            others[1].destination = .fixture(3)
            others[2].localUser = "alice"
            (others[3].source, others[3].destination) = (check.destination, check.source)
            for other in others { try require(try await store.confirmation(of: other, tailnet: .default), is: nil) }
        },
        ContractClause("the latest confirmation counts, in whatever order they come") { open in
            let store = try await open()
            let later = Date.fixture.addingTimeInterval(60)
            for moment in [.fixture, later, .fixture] {
                try await store.confirm(check, at: moment, tailnet: .default)
            }
            try require(try await store.confirmation(of: check, tailnet: .default), is: later)
        },
        ContractClause("old confirmations are forgotten, newer ones stay") { open in
            let store = try await open()
            var other = check
            other.localUser = "alice"
            try await store.confirm(check, at: .fixture, tailnet: .default)
            try await store.confirm(other, at: .fixture.addingTimeInterval(1), tailnet: .default)
            try await store.removeConfirmations(through: .fixture, tailnet: .default)
            try require(try await store.confirmation(of: check, tailnet: .default), is: nil)
            try require(
                try await store.confirmation(of: other, tailnet: .default),
                is: .fixture.addingTimeInterval(1)
            )
        },
    ]
}
