import Foundation
import IPAddresses
import PolicyLanguage
import Testing

@Suite("docs/policy.md")
struct DocumentationTests {
    @Test("the example is a policy, and explains itself as the page says")
    func example() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/policy.md"), encoding: .utf8)
        let block = try #require(page.split(separator: "```jsonc\n").dropFirst().first?.split(separator: "```").first)
        let network = PolicyNetwork(
            users: [PolicyUser(id: 1, name: "ann", email: "ann@example.com", role: .owner)],
            nodes: [
                PolicyNode(id: 1, name: "a", user: 1, ipv4: IPv4Address("100.64.0.1")),
                PolicyNode(id: 2, name: "web", tags: ["tag:web"], ipv4: IPv4Address("100.64.0.2")),
            ]
        )
        let engine = try PolicyEngine.checked(Array(block.utf8), for: network)
        for port in [UInt16(443), 80] {
            let (source, destination) = (try #require(IPAddress("100.64.0.1")), try #require(IPAddress("100.64.0.2")))
            let decision = engine.explain(AccessQuestion(source: source, destination: destination, port: port))
            #expect(page.contains("\n\(decision.reason)\n"), "\(decision.reason)")
        }
    }
}
