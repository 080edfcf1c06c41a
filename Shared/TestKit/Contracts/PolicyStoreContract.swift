import ControlModel
import Foundation
public import Storage

/// What every adapter of ``PolicyStore`` promises.
public enum PolicyStoreContract {
    /// Opens the test's own database: empty at first, and the same one each time.
    public typealias Open = @Sendable () async throws -> any PolicyStore

    public static let clauses: [ContractClause<Open>] = [
        ContractClause("without a policy there is none, and no history") { open in
            let store = try await open()
            try require(try await store.currentPolicy(tailnet: .default), is: nil)
            try require(try await store.policy(1, tailnet: .default), is: nil)
            try require(try await store.policyHistory(before: nil, limit: 10, tailnet: .default), is: [])
        },
        ContractClause("a revision keeps every field, and is there after the store is opened again") { open in
            let first = PolicyRevision.sample(1, text: "{ // \u{1F512}\n}")
            try await open().appendPolicy(first, tailnet: .default)
            let store = try await open()
            try require(try await store.currentPolicy(tailnet: .default), is: first)
            try require(try await store.policy(1, tailnet: .default), is: first)
        },
        ContractClause("revisions follow each other; anything else is stale and leaves no trace") { open in
            let store = try await open()
            try await requireStale(store, .sample(2))
            try await requireStale(store, .sample(0))
            try await store.appendPolicy(.sample(1), tailnet: .default)
            try await requireStale(store, .sample(1, text: "other"))
            try await requireStale(store, .sample(3))
            try await store.appendPolicy(.sample(2), tailnet: .default)
            try require(try await store.currentPolicy(tailnet: .default), is: .sample(2))
            try require(try await store.policy(1, tailnet: .default), is: .sample(1))
        },
        ContractClause("of many who write the same revision at once, one succeeds and the others are stale") { open in
            let store = try await open()
            let winners = await withTaskGroup { group in
                for number in 1...20 {
                    group.addTask {
                        do {
                            try await store.appendPolicy(.sample(1, text: "\(number)"), tailnet: .default)
                            return 1
                        } catch StorageError.conflict(.stale) {
                            return 0
                        } catch {
                            return 1000
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            try require(winners, is: 1, "winners")
        },
        ContractClause("history is read in pages, newest first, with lengths in bytes") { open in
            let store = try await open()
            for number in 1...5 { try await store.appendPolicy(.sample(number, text: "é\(number)"), tailnet: .default) }
            let newest = try await store.policyHistory(before: nil, limit: 2, tailnet: .default)
            try require(newest, is: [5, 4].map { PolicyRevision.sample($0, text: "é\($0)").summary })
            try require(newest.map(\.length), is: [3, 3])
            let rest = try await store.policyHistory(before: 4, limit: 10, tailnet: .default)
            try require(rest.map(\.revision), is: [3, 2, 1])
        },
        ContractClause("only the newest revisions are kept") { open in
            let store = try await open()
            let last = PolicyRevision.keptLimit + 2
            for number in 1...last { try await store.appendPolicy(.sample(number), tailnet: .default) }
            try require(try await store.policy(2, tailnet: .default), is: nil)
            try require(try await store.policy(3, tailnet: .default), is: .sample(3))
            let all = try await store.policyHistory(before: nil, limit: last, tailnet: .default)
            try require(all.count, is: PolicyRevision.keptLimit)
        },
        ContractClause("tailnets do not share policies") { open in
            let store = try await open()
            let other = try requireSome(TailnetID("other"), "a tailnet")
            try await store.appendPolicy(.sample(1), tailnet: .default)
            try require(try await store.currentPolicy(tailnet: other), is: nil)
            try await store.appendPolicy(.sample(1, text: "theirs"), tailnet: other)
            try require(try await store.currentPolicy(tailnet: .default), is: .sample(1))
            try require(try await store.policyHistory(before: nil, limit: 9, tailnet: other).count, is: 1)
        },
        ContractClause("a long document is kept whole") { open in
            let store = try await open()
            let long = PolicyRevision.sample(1, text: String(repeating: "// x\n", count: 1_000_000))
            try await store.appendPolicy(long, tailnet: .default)
            try require(try await store.currentPolicy(tailnet: .default) == long, "the document is another one")
        },
    ]

    private static func requireStale(
        _ store: any PolicyStore,
        _ policy: PolicyRevision,
        line: UInt = #line
    ) async throws {
        let before = try await store.policyHistory(before: nil, limit: 100, tailnet: .default)
        do {
            try await store.appendPolicy(policy, tailnet: .default)
            throw ContractViolation(description: "line \(line): revision \(policy.revision) was taken")
        } catch StorageError.conflict(.stale) {
            let after = try await store.policyHistory(before: nil, limit: 100, tailnet: .default)
            try require(after, is: before, "history after a conflict", line: line)
        }
    }
}

extension PolicyRevision {
    fileprivate static func sample(_ revision: Int, text: String = "{}") -> PolicyRevision {
        PolicyRevision(
            revision: revision,
            text: text,
            author: "ann",
            source: "192.0.2.7",
            note: "why \(revision)",
            createdAt: .fixture
        )
    }
}
