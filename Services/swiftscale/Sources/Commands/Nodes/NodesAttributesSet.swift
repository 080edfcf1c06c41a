import ArgumentParser
import Foundation

/// `swiftscale nodes attributes set`.
struct NodesAttributesSet: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set an attribute of a device, for good or for a while.",
        discussion: """
            A value is true, false, a number or a text. Policies ask for it in postures: "custom:tier == 'prod'".

            Examples:
              swiftscale nodes attributes set --identifier 7 custom:tier prod
              swiftscale nodes attributes set --identifier 7 custom:prodAccess true --expires 2h --comment "incident 12"
              swiftscale nodes attributes set --identifier 7 custom:build 1207 --text
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Argument(help: ArgumentHelp("The attribute.", valueName: "custom:name"))
    var name: String

    @Argument(help: "Its value.")
    var value: String

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("When it ends: a duration from now like 24h, or a time like 2030-01-31T12:00:00Z.")
    )
    var expires: String?

    @Option(name: .long, help: "Why it is set, for whoever reads the list.")
    var comment: String?

    @Flag(name: .long, help: "Take the value as text, also true, false and numbers.")
    var text = false

    @OptionGroup var options: AdminOptions

    func validate() throws {
        try NodesAttributes.requireSettable(name)
        if let expires, TimeText.moment(expires, now: .distantPast) == nil {
            throw ValidationError("--expires \"\(expires)\" is neither a duration like 24h nor a time.")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["value": text ? .text(value) : JSONValue(typed: value)]
        if let end = expires.flatMap({ TimeText.moment($0, now: console.now()) }) {
            body["expiry"] = .text(TimeText.text(end))
        }
        if let comment { body["comment"] = .text(comment) }
        let reply = try await client.post(["node", String(identifier), "attributes", name], .object(body))
        return Report(text: NodesAttributes.text(reply, now: console.now()), value: reply)
    }
}

extension JSONValue {
    /// A word of a command line as what it looks like.
    fileprivate init(typed word: String) {
        switch word {
        case "true": self = .bool(true)
        case "false": self = .bool(false)
        default:
            if let number = Int64(word) {
                self = .integer(number)
            } else if word.contains(where: \.isNumber), let number = Double(word), number.isFinite {
                self = .number(number)
            } else {
                self = .text(word)
            }
        }
    }
}
