import ArgumentParser
import Foundation
import TestKit
import Testing

@testable import swiftscale

@Suite("policy commands and the server")
struct PolicyRequestTests {
    private let folder: TemporaryDirectory
    private let file: String

    init() throws {
        folder = try TemporaryDirectory()
        file = folder.path("policy")
        try Data("{ // why\n}".utf8).write(to: URL(filePath: file))
    }

    private func perform(_ arguments: [String], _ transport: FakeAdminTransport) async throws -> Report {
        let command = try #require(try Swiftscale.parseAsRoot(["policy"] + arguments) as? any AdminCommand)
        return try await command.perform(AdminClient(transport: transport), console: .test())
    }

    @Test("a policy is sent as it is written")
    func set() async throws {
        let transport = FakeAdminTransport(["PUT /api/v1/policy": #"{"revision":8}"#])
        let report = try await perform(["set", file, "--note", "a b", "--expect", "7"], transport)
        #expect(transport.lastLine == #"PUT /api/v1/policy {"expectedRevision":7,"note":"a b","policy":"{ // why\n}"}"#)
        #expect(report.text == "The policy is in force as revision 8.")
        _ = try await perform(["put", "-f", file], transport)
        #expect(transport.lastLine == #"PUT /api/v1/policy {"policy":"{ // why\n}"}"#)
    }

    @Test("a policy is printed as it was written, and a fault of the server is a warning")
    func get() async throws {
        let answers = ["GET /api/v1/policy": #"{"policy":"{ // x\n}\n","revision":1,"fault":"broken"}"#]
        let report = try await perform(["get"], FakeAdminTransport(answers))
        #expect(report.text == "{ // x\n}")
    }

    @Test("a live check shows the server's faults as those of a file")
    func check() async throws {
        let fault = #"{"line":1,"column":3,"text":"x","message":"m","suggestion":"s"}"#
        let bad = FakeAdminTransport(
            ["POST /api/v1/policy/check": #"{"valid":false,"errors":[\#(fault)],"omitted":0}"#]
        )
        let report = try await perform(["check", file, "--live"], bad)
        #expect(bad.lastLine == #"POST /api/v1/policy/check {"policy":"{ // why\n}","report":true}"#)
        #expect(report.isRefusal)
        #expect(report.text.hasPrefix("\(file):1:3: m (at \"x\"); s\n  { // why\n    ^"))
        let good = FakeAdminTransport(["POST /api/v1/policy/check": #"{"valid":true,"errors":[],"omitted":0}"#])
        #expect(try await !perform(["check", file, "--live"], good).isRefusal)
    }

    @Test("a file goes into a comparison as its text")
    func diff() async throws {
        let change = #"{"sources":["a"],"destinations":["b"],"scope":"sameUser","gained":["22"],"lost":["80"]}"#
        let transport = FakeAdminTransport(
            ["POST /api/v1/policy/diff": #"{"access":[\#(change)],"ssh":[],"attributes":[]}"#]
        )
        let report = try await perform(["diff", "current", file], transport)
        #expect(transport.lastLine == #"POST /api/v1/policy/diff {"after":{"policy":"{ // why\n}"},"before":{}}"#)
        #expect(report.text == "+ a -> b (devices of one user): 22\n- a -> b (devices of one user): 80")
        await #expect(throws: CommandFailure.self) { try await perform(["diff", "nothing", file], transport) }
    }

    @Test("a file that is not UTF-8 is not sent")
    func notText() async throws {
        try Data([0xFF]).write(to: URL(filePath: file))
        let transport = FakeAdminTransport([:])
        await #expect(throws: CommandFailure("\(file) is not valid UTF-8")) {
            try await perform(["set", file], transport)
        }
        #expect(transport.requests.isEmpty)
    }
}
