import Bus
import BusInProcess
import ControlModel
import Foundation

/// A policy service in memory that keeps the rules the admin API's callers can see: a text with `bad` in it is refused.
actor AdminFakePolicies {
    private(set) var revisions: [PolicyRevision] = []

    func serve(on bus: InProcessBus) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.serve(GetPolicy.self, tailnet: .default) { try await self.get($0) } }
            group.addTask {
                try await bus.serve(SetPolicy.self, tailnet: .default) { request in
                    try await self.set(request.text, request.author, request.note, request.expected)
                }
            }
            group.addTask {
                try await bus.serve(RollBackPolicy.self, tailnet: .default) { request in
                    guard let old = await self.revisions.first(where: { $0.revision == request.revision }) else {
                        throw RequestFailure(.notFound, "there is no revision \(request.revision)")
                    }
                    return try await self.set(old.text, request.author, request.note, nil)
                }
            }
            group.addTask {
                try await bus.serve(CheckPolicy.self, tailnet: .default) { request in
                    .init(faults: Self.faults(request.text), omitted: 0)
                }
            }
            group.addTask {
                try await bus.serve(ListPolicyRevisions.self, tailnet: .default) { request in
                    await self.revisions.reversed().filter { $0.revision < request.before ?? .max }
                        .prefix(request.limit).map(\.summary)
                }
            }
            group.addTask {
                try await bus.serve(ExplainAccess.self, tailnet: .default) { request in
                    guard request.source != "nobody" else { throw RequestFailure(.invalid, "names no node") }
                    return .init(revision: 1, answers: [Self.answer(to: request)])
                }
            }
            group.addTask {
                try await bus.serve(ComparePolicies.self, tailnet: .default) { request in
                    let change = ComparePolicies.Change(
                        sources: [request.before.text ?? request.before.revision.map { "\($0)" } ?? "current"],
                        destinations: [request.after.text ?? request.after.revision.map { "\($0)" } ?? "current"],
                        scope: "all",
                        gained: ["22"],
                        lost: []
                    )
                    return .init(access: [change], ssh: [], attributes: [])
                }
            }
            try await group.waitForAll()
        }
    }

    private static func faults(_ text: String) -> [PolicyFaultReport] {
        guard text.contains("bad") else { return [] }
        return [
            .init(line: 1, column: 2, text: "bad", message: "unknown field: \"bad\"", suggestion: "did you mean?"),
            .init(line: 3, column: 4, text: "", message: "something else", suggestion: nil),
        ]
    }

    private static func answer(to request: ExplainAccess) -> ExplainAccess.Answer {
        ExplainAccess.Answer(
            source: request.source,
            sourceAddress: "100.64.0.1",
            destination: request.destination,
            destinationAddress: "100.64.0.2",
            port: 22,
            protocol: request.protocol,
            allowed: true,
            reason: "allowed",
            rule: .init(section: "grants", index: 0, line: 4, column: 5),
            sourceMatch: "group:dev",
            destinationMatch: nil
        )
    }

    private func get(_ request: GetPolicy) throws -> GetPolicy.Response {
        let found = request.revision.map { number in revisions.first { $0.revision == number } } ?? revisions.last
        return .init(policy: found, file: nil, fault: nil)
    }

    private func set(_ text: String, _ author: String, _ note: String, _ expected: Int?) throws -> PolicyVerdict {
        let faults = Self.faults(text)
        guard faults.isEmpty else { return PolicyVerdict(policy: nil, faults: faults) }
        guard expected == nil || expected == revisions.count else { throw RequestFailure(.conflict, "look again") }
        let policy = PolicyRevision(
            revision: revisions.count + 1,
            text: text,
            author: author,
            note: note,
            createdAt: AdminFakeRegistry.epoch
        )
        revisions.append(policy)
        return PolicyVerdict(policy: policy)
    }
}
