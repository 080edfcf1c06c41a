import ArgumentParser
import Foundation
import Testing

@testable import swiftscale

@Suite("commands that ask clients")
struct ClientCommandTests {
    private static func perform(_ line: String, answering body: String) async throws -> (Report, FakeAdminTransport) {
        let paths = ["POST /api/v1/node/7/c2n", "POST /api/v1/node/7/ping"]
        let transport = FakeAdminTransport(Dictionary(paths.map { ($0, body) }) { first, _ in first })
        let parsed = try Swiftscale.parseAsRoot(line.split(separator: " ").map(String.init))
        let command = try #require(parsed as? any AdminCommand)
        return (try await command.perform(AdminClient(transport: transport), console: .test()), transport)
    }

    @Test("what a client answered is printed as it is; a refusal is said, and ends with 1")
    func request() async throws {
        let (good, _) = try await Self.perform(
            "nodes c2n -i 7 /echo",
            answering: #"{"status":204,"headers":{},"body":"a\nb\n"}"#
        )
        #expect(good.text == "a\nb")
        #expect(!good.isRefusal)
        let (refused, _) = try await Self.perform(
            "nodes c2n -i 7 /x",
            answering: #"{"status":400,"headers":{},"body":"unknown c2n path\n"}"#
        )
        #expect(refused.text == "The client answered with status 400:\nunknown c2n path")
        #expect(refused.isRefusal)
        let (binary, _) = try await Self.perform(
            "nodes c2n -i 7 /x",
            answering: #"{"status":500,"headers":{},"base64":""}"#
        )
        #expect(binary.text == "The client answered with status 500.")
    }

    @Test("the server is waited for as long as the client has")
    func patience() async throws {
        let (_, transport) = try await Self.perform(
            "nodes c2n -i 7 /echo --timeout 45s",
            answering: #"{"status":200,"headers":{},"body":""}"#
        )
        #expect(transport.requests.first?.patience == .seconds(45))
    }

    @Test("data comes from the command line or from a file, as text or in base64")
    func data() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "body")
        for (bytes, member, value) in [(Data("hi".utf8), "body", "hi"), (Data([0xFF]), "base64", "/w==")] {
            try bytes.write(to: file)
            let (_, transport) = try await Self.perform(
                "nodes c2n -i 7 /echo --data @\(file.path)",
                answering: #"{"status":200,"headers":{},"body":""}"#
            )
            #expect(transport.requests.first?.body?[member]?.text == value)
        }
        await #expect(throws: CommandFailure.self) {
            try await Self.perform("nodes c2n -i 7 /echo --data @\(folder.path)/none", answering: "{}")
        }
    }

    @Test(
        "a ping is told with its way and time, or why it failed",
        arguments: [
            (#"{"latencySeconds":0.0123456}"#, "nodes ping -i 7", "Node 7 answered in 12.346 ms."),
            (
                #"{"type":"disco","address":"100.64.0.2","nodeName":"box","endpoint":"192.0.2.1:1","latencySeconds":0.001}"#,
                "nodes ping -i 7 --to box", "disco pong from box (100.64.0.2) via 192.0.2.1:1 in 1.0 ms"
            ),
            (
                #"{"type":"disco","address":"100.64.0.2","derpRegion":999,"derpRegionCode":"home","latencySeconds":1}"#,
                "nodes ping -i 7 --to box", "disco pong from box (100.64.0.2) via DERP(home) in 1000.0 ms"
            ),
            (
                #"{"type":"TSMP","address":"100.64.0.2","error":"no matching peer"}"#,
                "nodes ping -i 7 --to box --type tsmp", "Ping of box (100.64.0.2) failed: no matching peer"
            ),
        ]
    )
    func ping(answer: String, line: String, text: String) async throws {
        let (report, _) = try await Self.perform(line, answering: answer)
        #expect(report.text == text)
        #expect(report.isRefusal == text.contains("failed"))
    }
}
