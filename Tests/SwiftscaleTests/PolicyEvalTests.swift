import ArgumentParser
import Foundation
import PolicyLanguage
import TestKit
import Testing

@testable import swiftscale

@Suite("policy eval")
struct PolicyEvalTests {
    @Test(
        "what it prints for a capture is what Tailscale's own service sent",
        .enabled(if: !GoldenCase.isAbsent),
        arguments: GoldenCase.all
    )
    func golden(_ golden: GoldenCase) throws {
        let folder = try TemporaryDirectory()
        let (report, printed) = try Self.eval(golden.policy, try Self.network(of: golden), in: folder)
        guard golden.code == "200" else {
            guard case .string(let error)? = printed["error"] else {
                Issue.record("\(golden) must be refused: \(golden.message)")
                return
            }
            #expect(report.isRefusal)
            if golden.category != "nodeattrs" { #expect(error.contains(golden.message), "\(golden): \(error)") }
            return
        }
        #expect(printed["error"] == nil, "\(golden)")
        #expect(!report.isRefusal)
        for node in golden.expect {
            let told = try #require(printed["nodes"]?[node.name], "\(golden) \(node.name)")
            for (field, got, want) in GoldenView.comparison(told, with: node.value) {
                if GoldenSetAside.fields[golden.id]?.fields.contains(field) == true { continue }
                #expect(got == want, "\(golden) \(node.name) \(field)\n got: \(got)\nwant: \(want)")
            }
        }
    }

    @Test("a policy that is refused is printed as an error, whatever is wrong with it")
    func refusals() throws {
        let folder = try TemporaryDirectory()
        let network = #"{"users": [], "nodes": {}}"#
        for policy in [[0xFF, 0xFE], Array("{".utf8), Array(#"{"acl": []}"#.utf8), Array(#"{"tests": [{}]}"#.utf8)]
            as [[UInt8]]
        {
            let (report, printed) = try Self.eval(policy, network, in: folder)
            #expect(report.isRefusal)
            #expect(printed["error"] != nil)
            #expect(printed["nodes"] == nil)
        }
    }

    @Test("a network that does not read is a failure of the command")
    func badNetwork() throws {
        let folder = try TemporaryDirectory()
        for network in [#"{"nodes": {"a": {"user": "nobody"}}}"#, "[", #"{"nodes": []}"#, #"{"users": {}}"#, "7"] {
            #expect(throws: CommandFailure.self, "\(network)") {
                try Self.eval(Array("{}".utf8), network, in: folder)
            }
        }
    }

    /// The users and nodes of a capture; routers that it shows as first of their route get the lower ids.
    private static func network(of golden: GoldenCase) throws -> String {
        let ids = Dictionary(try golden.network().nodes.map { ($0.name, $0.id) }) { first, _ in first }
        let nodes = golden.root["nodes"].members.map { node -> PolicyLanguage.JSONValue.Member in
            let id = ids[node.name].map { "\($0)" } ?? ""
            return .init(name: node.name, value: .object(node.value.members + [.init(name: "id", value: .number(id))]))
        }
        return PolicyLanguage.JSONValue.object([
            .init(name: "users", value: golden.root["users"] ?? .null), .init(name: "nodes", value: .object(nodes)),
            .init(name: "tailnet", value: golden.root["tailnet"] ?? .null),
        ]).description
    }

    /// Runs the command as the program does, and reads back what it would print.
    private static func eval(
        _ policy: [UInt8],
        _ network: String,
        in folder: TemporaryDirectory
    ) throws -> (report: Report, printed: PolicyLanguage.JSONValue) {
        let files = (folder.path("policy"), folder.path("network"))
        try Data(policy).write(to: URL(filePath: files.0))
        try Data(network.utf8).write(to: URL(filePath: files.1))
        let arguments = ["policy", "eval", "--policy", files.0, "--network", files.1, "-o", "json"]
        let command = try #require(try Swiftscale.parseAsRoot(arguments) as? PolicyEval)
        let report = try command.report()
        let text = try report.rendered(as: command.format.output)
        return (report, try HuJSON.parse(Array(text.utf8)).plain)
    }
}

extension PolicyLanguage.JSONValue {
    fileprivate var members: [Member] { Optional(self).members }
}
