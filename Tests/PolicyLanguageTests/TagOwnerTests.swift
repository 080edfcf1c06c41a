import PolicyLanguage
import Testing

@Suite("Owners of tags")
struct TagOwnerTests {
    private static let policy = """
        {
            "groups": {"group:dev": ["ann@example.com", "carl@", "oidc:crew"]},
            "tagOwners": {
                "tag:user": ["ann@example.com"], "tag:name": ["bob@"], "tag:group": ["group:dev"],
                "tag:domain": ["user:*@example.com"], "tag:member": ["autogroup:member"],
                "tag:admin": ["autogroup:admin"], "tag:network": ["autogroup:network-admin"], "tag:nobody": [],
                "tag:owned": ["tag:user"], "tag:deep": ["tag:owned"], "tag:own": ["tag:own"],
            },
        }
        """

    private static let ann = PolicyUser(id: 1, name: "ann", email: "Ann@Example.com", role: .owner)
    private static let bob = PolicyUser(id: 2, name: "bob", email: "", role: .networkAdmin)
    private static let carl = PolicyUser(id: 3, name: "Carl", email: "carl@other.org")
    private static let dora = PolicyUser(id: 4, name: "dora", email: "dora@example.com", role: .admin)

    private static let emil: PolicyUser = {
        var user = PolicyUser(id: 5, name: "emil", email: "emil@other.org")
        user.groups = ["crew"]
        return user
    }()

    @Test(
        "a user owns the tags that name them, their group, domain or role, and the tags that those own",
        arguments: [
            (ann, "user group domain member admin owned deep"), (bob, "name member network"),
            (carl, "group member"), (emil, "group member"), (dora, "domain member admin"),
        ]
    )
    func owners(user: PolicyUser, expected: String) throws {
        let document = try PolicyDocument.parse(Self.policy)
        let owned = document.tagOwners.keys.filter { document.owns(user, tag: $0, domains: ["example.com"]) }
        #expect(Set(owned) == Set(expected.split(separator: " ").map { "tag:\($0)" }))
    }

    @Test("a domain that does not belong to the tailnet owns nothing")
    func foreignDomain() throws {
        let document = try PolicyDocument.parse(Self.policy)
        #expect(!document.owns(Self.dora, tag: "tag:domain", domains: ["other.org"]))
    }

    @Test("a policy knows the tags that tagOwners lists, and no others")
    func known() throws {
        let document = try PolicyDocument.parse(Self.policy)
        #expect(document.defines(tag: "tag:nobody"))
        #expect(!document.defines(tag: "tag:none"))
        #expect(!document.owns(Self.ann, tag: "tag:none", domains: []))
        #expect(!PolicyDocument().defines(tag: "tag:user"))
    }
}
