import ArgumentParser
import Foundation

/// `swiftscale nodes c2n`.
struct NodesC2N: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "c2n",
        abstract: "Send a request to a client, which it answers itself.",
        discussion: """
            Clients know a few paths: /echo, /debug/prefs, /debug/health, /debug/netmap, /debug/metrics, /debug/goroutines and
            others, by their version. What they answer may be private; who asked what is in the audit log.

            Examples:
              swiftscale nodes c2n --identifier 7 /debug/health
              swiftscale nodes c2n --identifier 7 /echo --data hello
              swiftscale nodes c2n --identifier 7 /debug/netmap --data @question.json --content-type application/json
              swiftscale nodes c2n --identifier 7 "/posture/identity?hwaddrs=true" -o json
            """
    )

    @Argument(help: ArgumentHelp("The path at the client, with its query.", valueName: "path"))
    var path: String

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Option(
        name: [.customShort("X"), .long],
        help: ArgumentHelp("GET, or POST with data, unless said otherwise.", valueName: "method")
    )
    var method: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The body: a text, @file, or - for standard input.", valueName: "text")
    )
    var data: String?

    @Option(name: .long, help: ArgumentHelp("What the body is, like application/json.", valueName: "type"))
    var contentType: String?

    @OptionGroup var answer: AnswerTimeout

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if !path.hasPrefix("/") { throw ValidationError("\"\(path)\" is not a path: it begins with /.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["path": .text(path), "timeout": answer.value]
        if let method { body["method"] = .text(method.uppercased()) }
        if let contentType { body["contentType"] = .text(contentType) }
        if let data {
            let bytes = try Self.bytes(data)
            if let text = String(validating: bytes, as: UTF8.self) {
                body["body"] = .text(text)
            } else {
                body["base64"] = .text(Data(bytes).base64EncodedString())
            }
        }
        let reply = try await client.post(
            ["node", String(identifier), "c2n"],
            .object(body),
            patience: answer.patience
        )
        return Self.report(reply)
    }

    /// What the client answered, and a refusal where it says so.
    static func report(_ reply: JSONValue) -> Report {
        let status = reply["status"]?.integer ?? 0
        let isGood = (200..<300).contains(status)
        var text = reply["body"]?.text ?? reply["base64"]?.text ?? ""
        while text.hasSuffix("\n") { text.removeLast() }
        if !isGood { text = "The client answered with status \(status)\(text.isEmpty ? "." : ":\n" + text)" }
        return Report(text: text, value: reply, isRefusal: !isGood)
    }

    private static func bytes(_ data: String) throws(CommandFailure) -> [UInt8] {
        if data == "-" { return try PolicyFiles.bytes(data) }
        return data.hasPrefix("@") ? try PolicyFiles.bytes(String(data.dropFirst())) : Array(data.utf8)
    }
}
