import Bus
import ControlModel
import TestKit
import Testing

@Suite("Policy service: tags")
struct TagQuestionTests {
    private let harness: PolicyHarness

    init() throws {
        harness = try PolicyHarness()
    }

    private static let policy = """
        {"tagOwners": {"tag:a": ["ann@example.com"], "tag:b": ["user:*@example.com"], "tag:none": []}}
        """

    @Test("what the policy in force says of tags, for administrators and for users the registry has just made")
    func questions() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.policy)
            let all = ["tag:a", "tag:b", "tag:none", "tag:x"]
            let anybody = try await harness.ask(CheckTags(tags: all, user: nil))
            #expect(anybody == .init(unknown: ["tag:x"], unowned: []))
            var user = User.fixture(1, name: "ann")
            user.email = "ann@example.com"
            let ann = try await harness.ask(CheckTags(tags: all, user: user))
            #expect(ann == .init(unknown: ["tag:x"], unowned: ["tag:none"]))
            user = .fixture(77, name: "new")
            user.email = "new@example.com"
            let new = try await harness.ask(CheckTags(tags: all, user: user))
            #expect(new == .init(unknown: ["tag:x"], unowned: ["tag:a", "tag:none"]))
            try await harness.set(#"{"tagOwners": {"tag:x": []}}"#)
            #expect(try await harness.ask(CheckTags(tags: all, user: nil)).unknown == ["tag:a", "tag:b", "tag:none"])
        }
    }

    @Test("without a policy no tag is known")
    func noPolicy() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await eventually("an answer") {
                (try? await harness.ask(CheckTags(tags: ["tag:a"], user: nil)))?.unknown == ["tag:a"]
            }
        }
    }
}
