import ArgumentParser
import Foundation
import TestKit
import Testing

@testable import swiftscale

@Suite("policy commands on files")
struct PolicyFileCommandTests {
    private static let policy = """
        {
          "groups": {"group:dev": ["ann@example.com"]},
          "tagOwners": {"tag:web": ["group:dev"]},
          "grants": [
            {"src": ["group:dev"], "dst": ["tag:web"], "ip": ["443"]},
          ],
          "tests": [{"src": "ann@example.com", "accept": ["tag:web:443"], "deny": ["tag:web:80"]}],
        }
        """
    private static let network = """
        {"users": [{"id": 1, "name": "ann", "email": "ann@example.com"}, {"id": 2, "name": "bob", "email": "b@example.com"}],
         "nodes": {"laptop": {"user": "ann", "ipv4": "100.64.0.1"}, "phone": {"user": "bob", "ipv4": "100.64.0.2"},
                   "web": {"tags": ["tag:web"], "ipv4": "100.64.0.3"}}}
        """
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        try write("network", Self.network)
        try write("policy", Self.policy)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: folder.path(name)))
    }

    /// Runs a verb of `policy`; words that name a file of the folder stand for its path.
    private func run(_ line: String) throws -> Report {
        let words =
            ["policy"]
            + line.split(separator: " ").map { word in
                let path = folder.path(String(word))
                return FileManager.default.fileExists(atPath: path) ? path : String(word)
            }
        switch try Swiftscale.parseAsRoot(LeadingOptions.moved(words)) {
        case let command as PolicyCheck: return try command.report()
        case let command as PolicyExplain:
            return try command.report(policy: command.policy ?? "", network: command.network ?? "")
        case let command as PolicyDiff: return try command.report(network: command.network ?? "")
        default: throw CommandFailure("no command on files: \(line)")
        }
    }

    @Test("a valid policy is said to be valid, and whether its tests ran")
    func valid() throws {
        let report = try run("check policy")
        #expect(!report.isRefusal)
        #expect(report.text.hasSuffix("is a valid policy. Its 1 tests were not run: give a network with --network."))
        #expect(report.value["valid"] == true)
        #expect(try run("check -f policy --network network").text.hasSuffix("is a valid policy. Its 1 tests pass."))
    }

    @Test("every error is told with file, line, column, words and suggestion, and the command ends with 1")
    func faults() throws {
        try write(
            "bad",
            "{\n  \"grnats\": [],\n\t\"grants\": [{\"src\": [\"group:dve\"], \"dst\": [\"*\"], \"ip\": [\"99999\"]}],\n"
                + "  \"groups\": {\"group:dev\": []},\n}\n"
        )
        let report = try run("check bad")
        #expect(report.isRefusal)
        let errors = try #require(report.value["errors"]?.list)
        #expect(errors.count == 3)
        #expect(errors.map { $0["line"] } == [.integer(2), .integer(3), .integer(3)])
        #expect(errors[0]["column"] == .integer(3))
        #expect(errors[0]["suggestion"]?.text?.contains("grants") == true)
        #expect(errors[1]["text"] == "group:dve")
        #expect(errors[1]["suggestion"]?.text?.contains("group:dev") == true)
        #expect(report.text.contains("/bad:2:3: "))
        #expect(
            report.text.contains("\n  \"grnats\": [],\n    ^\n") || report.text.contains("    \"grnats\": [],\n    ^")
        )
        #expect(report.text.hasSuffix("3 errors"))
    }

    @Test("tests that fail in the network are errors")
    func failingTests() throws {
        try write("bad", Self.policy.replacing("\"443\"", with: "\"80\""))
        #expect(try !run("check bad").isRefusal)
        let report = try run("check bad --network network")
        #expect(report.isRefusal)
        #expect(report.value["errors"]?.list?.count == 2)
        #expect(report.text.contains("test(s) failed: ann@example.com -> tag:web:443: expected ALLOWED, got DENIED"))
    }

    @Test("explanations name rule, line and names; several nodes give several answers")
    func explain() throws {
        let allowed = try run("explain laptop web:443 --policy policy --network network")
        #expect(
            allowed.text == "laptop (100.64.0.1) -> web (100.64.0.3):443: "
                + "allowed by grants[0] at line 5: group:dev -> tag:web"
        )
        #expect(allowed.value["allowed"] == true)
        #expect(allowed.value["answers"]?.list?.first?["rule"]?["line"] == .integer(5))
        let denied = try run("explain bob@ 100.64.0.3:443 --policy policy --network network")
        #expect(denied.text.contains("denied; the nearest rule is grants[0] at line 5: the source is not in"))
        let several = try run("explain autogroup:member tag:web:80 --proto udp --policy policy --network network")
        #expect(several.value["answers"]?.list?.count == 2)
        #expect(several.value["allowed"] == false)
        #expect(try run("explain ann@example.com web --policy policy --network network").value["allowed"] == true)
    }

    @Test(
        "questions that cannot be answered say why",
        arguments: [
            ("explain latpop web", "did you mean \"laptop\""), ("explain laptop web:99999", "not 0 to 65535"),
            ("explain laptop web --proto nope", "unknown protocol"), ("explain laptop *", "no single node"),
            ("explain laptop laptop", "the same node"),
        ]
    )
    func unanswerable(line: String, reason: String) throws {
        let failure = #expect(throws: CommandFailure.self) { try run(line + " --policy policy --network network") }
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
    }

    @Test("a difference says who gains and who loses what")
    func difference() throws {
        try write(
            "next",
            Self.policy.replacing("\"443\"", with: "\"80-90\"").replacing("\"tests\"", with: "\"#tests\"")
                .replacing(
                    "\"#tests\": [{\"src\": \"ann@example.com\", \"accept\": [\"tag:web:443\"], \"deny\": [\"tag:web:80\"]}],",
                    with: ""
                )
        )
        let report = try run("diff policy next --network network")
        #expect(report.text == "+ laptop -> web: 80-90\n- laptop -> web: 443")
        #expect(try run("diff policy policy --network network").text == "Nobody gains or loses anything.")
    }
}
