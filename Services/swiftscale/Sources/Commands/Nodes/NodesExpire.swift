import ArgumentParser
import Foundation

/// `swiftscale nodes expire`.
struct NodesExpire: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "Set when a node must log in again; now, unless said otherwise.",
        discussion: """
            Examples:
              swiftscale nodes expire --identifier 7
              swiftscale nodes expire --identifier 7 --expiry 2030-01-31T12:00:00Z
              swiftscale nodes expire --identifier 7 --disable
            """,
        aliases: ["logout", "exp", "e"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Option(name: [.short, .long], help: "A time like 2030-01-31T12:00:00Z, or a duration from now like 30d.")
    var expiry: String?

    @Flag(name: [.short, .long], help: "Let the node's key never end.")
    var disable = false

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if disable, expiry != nil { throw ValidationError("Give --expiry or --disable, not both.") }
        if let expiry, TimeText.moment(expiry, now: .distantPast) == nil {
            throw ValidationError("--expiry \"\(expiry)\" is neither a time like 2030-01-31T12:00:00Z nor a duration.")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = [:]
        if disable { body["disableExpiry"] = true }
        if let end = expiry.flatMap({ TimeText.moment($0, now: console.now()) }) {
            body["expiry"] = .text(TimeText.text(end))
        }
        let reply = try await client.post(["node", String(identifier), "expire"], .object(body))
        let node = try client.member("node", of: reply)
        let when = RelativeTime(now: console.now()).text(node["expiry"], unset: "never")
        return Report(text: "The key of node \(node["givenName"]?.text ?? "") ends: \(when).", value: node)
    }
}
