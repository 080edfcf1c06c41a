import ControlModel
import Foundation
public import Storage

/// What every adapter of ``PresenceStore`` promises.
public enum PresenceStoreContract {
    /// Opens the test's own database: empty at first, and the same one each time.
    public typealias Open = @Sendable () async throws -> any RegistryStore & PresenceStore

    public static let clauses: [ContractClause<Open>] = reportClauses + endClauses + crowdClauses

    /// A clause that needs the database once, with nodes 1 to 3 in it.
    static func clause(
        _ description: String,
        check: @escaping @Sendable (any RegistryStore & PresenceStore) async throws -> Void
    ) -> ContractClause<Open> {
        ContractClause(description) { open in
            let store = try await open()
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...3 { try await store.commit(.createNode(.fixture(number))) }
            try await check(store)
        }
    }
}

extension PresenceStore where Self: RegistryStore {
    /// Takes a report, which must not be refused; returns the changes.
    @discardableResult
    func report(
        _ gateway: String,
        connected: [NodeID] = [],
        disconnected: [NodeID] = [],
        isComplete: Bool = false,
        wantsComplete: Bool = false,
        line: UInt = #line
    ) async throws -> [RegistryChange] {
        let report = PresenceReport(
            gateway: gateway,
            connected: connected,
            disconnected: disconnected,
            isComplete: isComplete,
            date: .fixture
        )
        let receipt = try await takePresence(report, tailnet: .default)
        guard case .taken(let changes, let wants) = receipt else {
            throw ContractViolation(description: "line \(line): the report was not taken: \(receipt)")
        }
        try require(wants, is: wantsComplete, "wants a complete report", line: line)
        return changes
    }

    func survey() async throws -> PresenceSurvey {
        try await presence(of: .default)
    }

    func mark(of node: NodeID, line: UInt = #line) async throws -> Int64 {
        try requireSome(try await survey().leaving[node], "the mark of \(node)", line: line)
    }

    func beat(of gateway: String, line: UInt = #line) async throws -> Int64 {
        try requireSome(try await survey().gateways[gateway], "the beat of \(gateway)", line: line)
    }

    /// Which of the first nodes are online.
    func online() async throws -> [Int64] {
        try await nodes(after: nil, limit: 100, tailnet: .default).filter(\.isOnline).map(\.id.rawValue)
    }

    func endGrace(_ node: NodeID, mark: Int64) async throws -> [RegistryChange] {
        try await endGrace([Departure(node: node, mark: mark, lastSeen: .left)], tailnet: .default)
    }

    func endLease(_ gateway: String, beat: Int64) async throws -> [RegistryChange] {
        try await endLease(of: gateway, beat: beat, lastSeen: .left, tailnet: .default)
    }
}

extension Date {
    /// When nodes were last held that these tests set offline.
    static let left = Date.fixture.addingTimeInterval(100)
}

extension [RegistryChange] {
    /// Nodes of these changes with whether they are online and when they were last seen.
    var presences: [String] {
        get throws {
            try map {
                let node = try RegistryStoreContract.node($0)
                let seen = node.lastSeen.map { Int($0.timeIntervalSince(.fixture)) }
                return "\(node.id) \(node.isOnline ? "on" : "off") \(seen ?? -1)"
            }
        }
    }
}
