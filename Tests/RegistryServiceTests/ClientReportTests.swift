import Bus
import ControlModel
import Foundation
import TestKit
import Testing

@testable import RegistryService

@Suite("Questions to clients, and what they say of their hardware", .timeLimit(.minutes(1)))
struct ClientReportTests {
    private func node(_ harness: RegistryHarness) async throws -> Node {
        let user = try await harness.user()
        return try await harness.admit(.fixture(authKey: try await harness.authKey(user.id)))
    }

    @Test("what a device says is on its row until it says otherwise; the same again writes nothing for a day")
    func posture() async throws {
        try await RegistryHarness.run { harness in
            let id = try await node(harness).id
            func report(_ serial: String, isDisabled: Bool = false) async throws -> PostureIdentity? {
                let report = ReportPostureIdentity(
                    node: id,
                    serialNumbers: [serial],
                    hardwareAddresses: ["00:00:5e:00:53:01"],
                    isDisabled: isDisabled
                )
                _ = try await harness.ask(report)
                return try await harness.node(id)?.postureIdentity
            }
            let first = try #require(try await report("A"))
            #expect(first.serialNumbers == ["A"])
            #expect(first.hardwareAddresses == ["00:00:5e:00:53:01"])
            let version = try await harness.version()
            harness.time.advance(by: .seconds(3600))
            #expect(try await report("A") == first)
            #expect(try await harness.version() == version)
            #expect(try await report("B")?.serialNumbers == ["B"])
            #expect(try await harness.version() == version + 1)
            harness.time.advance(by: .seconds(86_401))
            #expect(
                try await report("B")?.collectedAt ?? first.collectedAt > first.collectedAt.addingTimeInterval(86_400)
            )
            let actions = try await harness.ask(ListAuditRecords(query: AuditQuery())).map(\.cause.action)
            #expect(!actions.contains(ReportPostureIdentity.subject))
            await harness.expect(
                .notFound,
                ReportPostureIdentity(node: .fixture(77), serialNumbers: [], hardwareAddresses: [], isDisabled: false)
            )
        }
    }

    @Test("a request to a client is recorded with who asks what, and changes nothing else of the node")
    func question() async throws {
        try await RegistryHarness.run { harness in
            var node = try await node(harness)
            let origin = RequestOrigin(actor: "API key abc", source: "192.0.2.1")
            let asked = try await RequestOrigin.$current.withValue(origin) {
                try await harness.ask(RecordClientQuestion(node: node.id, method: "GET", path: "/debug/prefs"))
            }
            node.version = asked.version
            #expect(asked == node)
            let record = try #require(try await harness.ask(ListAuditRecords(query: AuditQuery(limit: 1))).first)
            #expect(record.cause.action == "registry.node.ask")
            #expect(record.cause.actor == "API key abc")
            #expect(record.cause.source == "192.0.2.1")
            #expect(record.target.id == node.id.rawValue)
            #expect(record.after == ["method": "GET", "path": "/debug/prefs"])
            await harness.expect(.notFound, RecordClientQuestion(node: .fixture(77), method: "GET", path: "/"))
            let long = String(repeating: "a", count: RecordClientQuestion.pathLimit + 1)
            await harness.expect(.invalid, RecordClientQuestion(node: node.id, method: "GET", path: long))
        }
    }
}
