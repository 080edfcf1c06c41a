import Testing

@testable import RegistryService

@Suite("Node names")
struct NodeNamingTests {
    @Test(
        "a hostname becomes a DNS label",
        arguments: [
            ("laptop", "laptop"), ("Zoe's MacBook Pro", "zoes-macbook-pro"), ("a_b.c@d", "a-b-c-d"),
            ("printer.local", "printer"), ("PRINTER.LAN", "printer"), ("x.localdomain", "x"), ("local", "local"),
            ("--a--", "a"), ("", "node"), ("...", "node"), ("日本", "node"), ("naïve", "nave"), (".local", "node"),
            (String(repeating: "x", count: 80), String(repeating: "x", count: 63)),
            (String(repeating: "x", count: 62) + ".y", String(repeating: "x", count: 62)),
        ]
    )
    func labels(hostname: String, label: String) {
        #expect(NodeNaming.label(for: hostname) == label)
        #expect(NodeNaming.fault(label) == nil)
    }

    @Test("a taken name gets the lowest free number")
    func numbers() {
        #expect(NodeNaming.choose("web", taken: []) == "web")
        #expect(NodeNaming.choose("web", taken: ["web-1"]) == "web")
        #expect(NodeNaming.choose("web", taken: ["web"]) == "web-1")
        #expect(NodeNaming.choose("web", taken: ["web", "web-1", "web-3"]) == "web-2")
    }

    @Test("a long name that is taken is shortened, so that the number fits")
    func longNames() {
        let label = String(repeating: "x", count: 63)
        let name = NodeNaming.choose(label, taken: [label])
        #expect(name == String(repeating: "x", count: 57) + "-1")
        #expect(NodeNaming.prefixes(of: label) == [label, String(repeating: "x", count: 57)])
        #expect(NodeNaming.fits(name, label: label))
    }

    @Test("a node keeps a name that its label led to")
    func fitting() {
        for name in ["web", "web-1", "web-42"] { #expect(NodeNaming.fits(name, label: "web"), "\(name)") }
        for name in ["web-0", "web-01", "web-x", "web-", "webs", "db", "web-+1", "web--1"] {
            #expect(!NodeNaming.fits(name, label: "web"), "\(name)")
        }
    }

    @Test("free numbers may be passed over, but not a free label")
    func skip() {
        #expect(NodeNaming.choose("web", taken: [], skip: 5) == "web")
        #expect(NodeNaming.choose("web", taken: ["web", "web-2"], skip: 0) == "web-1")
        #expect(NodeNaming.choose("web", taken: ["web", "web-2"], skip: 1) == "web-3")
        #expect(NodeNaming.choose("web", taken: ["web", "web-2"], skip: 3) == "web-5")
    }

    @Test("choices spread with each clash up to a limit, and come together again")
    func spread() {
        var spread = Spread()
        #expect(spread.skip { $0 - 1 } == 0)
        for _ in 1...20 { spread.clashed() }
        #expect(spread.skip { $0 - 1 } == Spread.limit - 1)
        for _ in 1...100 { spread.succeeded() }
        #expect(spread.width == 1)
    }
}
