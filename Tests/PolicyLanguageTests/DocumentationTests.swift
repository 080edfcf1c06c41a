import Foundation
import IPAddresses
import PolicyLanguage
import Testing

@Suite("docs/policy.md")
struct DocumentationTests {
    private let page: String
    /// Each example, without the indentation of the list it stands in.
    private var examples: [String] {
        page.split(separator: "```jsonc\n").dropFirst().compactMap { $0.split(separator: "```").first.map(String.init) }
    }

    private let network = PolicyNetwork(
        users: [
            PolicyUser(id: 1, name: "ann", email: "ann@example.com", role: .owner),
            PolicyUser(id: 2, name: "bob", email: ""),
        ],
        nodes: [
            PolicyNode(id: 1, name: "a", user: 1, ipv4: IPv4Address("100.64.0.1")),
            PolicyNode(id: 2, name: "web", tags: ["tag:web"], ipv4: IPv4Address("100.64.0.2")),
        ]
    )

    init() throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        page = try String(contentsOf: root.appendingPathComponent("docs/policy.md"), encoding: .utf8)
    }

    @Test("all examples are policies that are accepted, their tests included")
    func examplesAreValid() {
        #expect(examples.count == 9)
        for example in examples {
            #expect(throws: Never.self, "\(example)") { try PolicyEngine.checked(Array(example.utf8), for: network) }
        }
    }

    @Test("the first explains itself as the page says")
    func example() throws {
        let engine = try PolicyEngine.checked(Array(try #require(examples.first).utf8), for: network)
        for port in [UInt16(443), 80] {
            let (source, destination) = (try #require(IPAddress("100.64.0.1")), try #require(IPAddress("100.64.0.2")))
            let decision = engine.explain(AccessQuestion(source: source, destination: destination, port: port))
            #expect(page.contains("   \(decision.reason)\n"), "\(decision.reason)")
        }
    }
}
