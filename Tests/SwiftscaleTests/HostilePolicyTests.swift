import ArgumentParser
import Foundation
import PolicyLanguage
import TestKit
import Testing

@testable import swiftscale

/// What a running server says to the same policies is in `Tests/ProcessTests/PolicyInputTests.swift`.
@Suite("policy commands on hostile files")
struct HostilePolicyTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        let network = #"{"users": [{"id": 7, "name": "u7", "email": "u7@example.com"}], "nodes": {}}"#
        try Data(network.utf8).write(to: URL(filePath: folder.path("network")))
    }

    private func run(_ words: String..., on policy: [UInt8]) throws -> Report {
        let path = folder.path("policy")
        try Data(policy).write(to: URL(filePath: path))
        let files = ["POLICY": path, "NETWORK": folder.path("network")]
        switch try Swiftscale.parseAsRoot(["policy"] + words.map { files[$0] ?? $0 }) {
        case let command as PolicyCheck: return try command.report()
        case let command as PolicyEval: return try command.report()
        default: throw CommandFailure("no command on files: \(words)")
        }
    }

    @Test("check says what is wrong, where, and what was meant", arguments: HostilePolicy.all)
    func check(_ policy: HostilePolicy) throws {
        for report in [
            try run("check", "POLICY", on: policy.bytes),
            try run("check", "POLICY", "--network", "NETWORK", on: policy.bytes),
        ] {
            #expect(report.isRefusal)
            let errors = try #require(report.value["errors"]?.list)
            let first = try #require(errors.first { $0["message"]?.text?.contains(policy.message) == true })
            #expect(first["line"]?.integer ?? 0 > 0)
            #expect(first["column"]?.integer ?? 0 > 0)
            let guess = first["suggestion"]?.text ?? ""
            #expect(policy.suggestion.isEmpty || guess.contains(policy.suggestion))
            #expect(report.text.utf8.count < 10_000)
        }
    }

    @Test("eval prints the refusal", arguments: HostilePolicy.all)
    func eval(_ policy: HostilePolicy) throws {
        let report = try run("eval", "--policy", "POLICY", "--network", "NETWORK", on: policy.bytes)
        #expect(report.isRefusal)
        #expect(report.value["error"]?.text?.contains(policy.message) == true)
        #expect(report.value["nodes"] == nil)
    }

    @Test("100,000 groups are fine")
    func manyGroups() throws {
        let policy = Array(HostilePolicy.groups(PolicyDocument.groupLimit).utf8)
        #expect(try !run("check", "POLICY", "--network", "NETWORK", on: policy).isRefusal)
    }

    @Test("a file that is longer than anything useful is not read")
    func endless() throws {
        #expect(throws: CommandFailure.self) {
            try run("check", "POLICY", on: Array(repeating: 0x20, count: (64 << 20) + 1))
        }
    }
}
