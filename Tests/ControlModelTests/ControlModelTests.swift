import ControlModel
import Foundation
import IPAddresses
import Keys
import Testing

@Suite("Domain values")
struct ControlModelTests {
    @Test(
        "identifiers are numbers that JSON keeps exactly",
        arguments: [Int64.min, -1, 0, 9_007_199_254_740_992, .max]
    )
    func identifiers(raw: Int64) throws {
        #expect(NodeID(raw) == nil)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([NodeID].self, from: Data("[\(raw)]".utf8))
        }
        #expect(NodeID(1) != nil)
        #expect(NodeID(9_007_199_254_740_991) != nil)
    }

    @Test(
        "identifiers are read from digits only",
        arguments: ["", "x", "1.0", " 1", "0", "-5", "99999999999999999999"]
    )
    func identifierText(text: String) {
        #expect(UserID(text) == nil)
    }

    @Test(
        "a tailnet id can stand in a bus subject",
        arguments: ["", "A", "a.b", "a*", "a>", "a b", String(repeating: "a", count: 64)]
    )
    func tailnets(text: String) {
        #expect(TailnetID(text) == nil)
        #expect(TailnetID("acme-1") != nil)
    }

    @Test(
        "user names",
        arguments: [
            ("a", false), ("ab", true), ("1ab", false), ("a b", false), ("a@b", true), ("a@b@c", false),
            ("ada.l-o_v", true),
            ("", false), ("a\u{0}b", false), ("änne", true),
        ]
    )
    func userNames(name: String, isValid: Bool) {
        #expect((User.nameFault(name) == nil) == isValid)
    }

    @Test("a later status report wins field by field, and one that says nothing new changes nothing")
    func status() {
        let first = NodeStatus(homeDERP: 1, isOnline: true)
        let merged = first.merged(with: NodeStatus(homeDERP: 2))
        #expect(merged == NodeStatus(homeDERP: 2, isOnline: true))
        let node = node()
        #expect(NodeStatus().applied(to: node) == node)
        #expect(NodeStatus(homeDERP: node.homeDERP).applied(to: node) == node)
        #expect(NodeStatus(isOnline: true).applied(to: node).isOnline)
    }

    @Test("an expiry counts from its very moment; none never comes")
    func expiry() {
        var node = node()
        let end = Date(timeIntervalSince1970: 100)
        #expect(!node.isExpired(at: .distantFuture))
        node.expiry = end
        #expect(!node.isExpired(at: end - 1))
        #expect(node.isExpired(at: end))
    }

    @Test("addresses come IPv4 first, and only those there are")
    func addresses() {
        var node = node()
        node.ipv6 = .init("fd7a::1")
        node.ipv4 = .init("100.64.0.1")
        #expect(node.addresses.map(\.description) == ["100.64.0.1/32", "fd7a::1/128"])
        node.ipv4 = nil
        #expect(node.addresses.map(\.description) == ["fd7a::1/128"])
    }

    @Test(
        "a user's role is kept; one that is absent or unknown is that of a member",
        arguments: [
            (#""role":"it-admin","#, UserRole.itAdmin), ("", .member), (#""role":"emperor","#, .member),
        ]
    )
    func roles(field: String, expected: UserRole) throws {
        let text =
            #"{"id":7,"tailnet":"default","name":"ada","displayName":"","email":"","profilePictureURL":"",\#(field)"#
            + #""createdAt":0,"version":3}"#
        let user = try JSONDecoder().decode(User.self, from: Data(text.utf8))
        #expect(user.role == expected)
        #expect(try JSONDecoder().decode(User.self, from: JSONEncoder().encode(user)) == user)
    }

    private func node() -> Node {
        guard let id = NodeID(1) else { preconditionFailure("1 is an identifier") }
        return Node(
            id: id,
            tailnet: .default,
            stableID: "n1",
            machineKey: .zero,
            nodeKey: .zero,
            user: nil,
            hostname: "h",
            givenName: "h",
            ipv4: nil,
            ipv6: nil,
            capabilityVersion: .minimum,
            registerMethod: .cli,
            createdAt: Date(timeIntervalSince1970: 0)
        )
    }
}
