import ControlModel
import TestKit
import Testing

@testable import RegistryService

@Suite("Rules of device approval")
struct DeviceApprovalRuleTests {
    private static func user(_ name: String, email: String = "", groups: [String] = []) -> User {
        var user = User.fixture(1, name: name)
        user.email = email
        if !groups.isEmpty { user.identity = UserIdentity(issuer: "https://login.test", subject: "1", groups: groups) }
        return user
    }

    @Test("without the rule every device is approved, with it none that no list names")
    func required() {
        #expect(DeviceApproval().approves(tags: [], user: nil))
        #expect(DeviceApproval().approves(tags: ["tag:a"], user: nil))
        let rules = DeviceApproval(isRequired: true)
        #expect(!rules.approves(tags: [], user: Self.user("anna")))
        #expect(!rules.approves(tags: ["tag:a"], user: nil))
        #expect(!rules.approves(tags: [], user: nil))
    }

    @Test("users are known by name, e-mail address or group; an empty address matches nothing")
    func users() {
        let rules = DeviceApproval(isRequired: true, users: ["anna", "bob@example.com", ""], groups: ["staff"])
        #expect(rules.approves(tags: [], user: Self.user("anna")))
        #expect(rules.approves(tags: [], user: Self.user("bob", email: "bob@example.com")))
        #expect(rules.approves(tags: [], user: Self.user("carl", groups: ["guests", "staff"])))
        #expect(!rules.approves(tags: [], user: Self.user("carl", groups: ["guests"])))
        #expect(!rules.approves(tags: [], user: Self.user("dora")))
        #expect(!rules.approves(tags: ["tag:a"], user: Self.user("anna")))
    }

    @Test("of a tagged device all tags must be named")
    func tags() {
        let rules = DeviceApproval(isRequired: true, tags: ["tag:a", "tag:b"])
        #expect(rules.approves(tags: ["tag:a"], user: nil))
        #expect(rules.approves(tags: ["tag:a", "tag:b"], user: nil))
        #expect(!rules.approves(tags: ["tag:a", "tag:c"], user: nil))
    }
}
