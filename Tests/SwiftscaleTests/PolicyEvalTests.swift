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
        let (report, printed) = try Self.eval(golden.policy, golden.networkFile, in: folder)
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
                if GoldenSetAside.fieldsWithoutIDs[golden.id]?.fields.contains(field) == true { continue }
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

    @Test("members of an object have no order, so neither has a network file")
    func order() throws {
        let folder = try TemporaryDirectory()
        let route = #""routable_ips": ["10.0.0.0/8"], "approved_routes": ["10.0.0.0/8"]"#
        let nodes = [
            #""router-2": {"ipv4": "100.64.0.2", \#(route)}"#, #""router-10": {"ipv4": "100.64.0.10", \#(route)}"#,
            #""a": {"ipv4": "100.64.0.3", \#(route)}"#, #""client": {"ipv4": "100.64.0.4"}"#,
        ]
        let reports = try [nodes, nodes.reversed()].map { nodes in
            try Self.eval([], "{\"users\": [], \"nodes\": {\(nodes.joined(separator: ","))}}", in: folder).printed
        }
        #expect(reports[0] == reports[1])
        let peers = reports[0]["nodes"]?["client"]?["peers"]
        let first = peers.items.first { !$0["primary_routes"].items.isEmpty }
        #expect(first?["name"] == .string("a"))
    }

    @Test("ids that are none, or are there twice, are refused", arguments: ["0", "-1", "1.5", "\"1\"", "2", "1e3"])
    func ids(id: String) throws {
        let folder = try TemporaryDirectory()
        #expect(throws: CommandFailure.self) {
            try Self.eval([], #"{"users": [], "nodes": {"a": {"id": 2}, "b": {"id": \#(id)}}}"#, in: folder)
        }
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
