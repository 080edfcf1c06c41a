import ArgumentParser
import Foundation

/// `swiftscale preauthkeys create`.
struct AuthKeysCreate: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make an auth key and print it, this once.",
        discussion: """
            Examples:
              swiftscale preauthkeys create --user anna
              swiftscale preauthkeys create --user me --create-user --reusable --expiration 24h
              swiftscale preauthkeys create --tags tag:server --ephemeral
            """,
        aliases: ["c", "new"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("Owner of the nodes: id or name.", valueName: "user"))
    var user: String?

    @Flag(name: .long, help: "Make the user if there is none of this name.")
    var createUser = false

    @Flag(name: .long, help: "Let the key be used more than once.")
    var reusable = false

    @Flag(name: .long, help: "Remove its nodes some time after they went away.")
    var ephemeral = false

    @Flag(name: .long, help: "Approve its nodes when they come, where devices need approval.")
    var preapproved = false

    @Option(
        name: [.short, .long],
        help: "When the key ends: a duration like 24h or 30d, or a time like 2030-01-31T12:00:00Z."
    )
    var expiration = "1h"

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: ArgumentHelp("Tags of its nodes, divided by commas.", valueName: "tag:name")
    )
    var tags: [String] = []

    @OptionGroup var options: AdminOptions

    func validate() throws {
        if user == nil, tags.isEmpty { throw ValidationError("Give the key an owner with --user, or --tags.") }
        if createUser, user == nil { throw ValidationError("--create-user needs --user.") }
        guard TimeText.moment(expiration, now: .distantPast) != nil else {
            throw ValidationError("--expiration \"\(expiration)\" is neither a duration like 24h nor a time.")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        guard let end = TimeText.moment(expiration, now: console.now()) else {
            throw CommandFailure("--expiration \"\(expiration)\" is neither a duration like 24h nor a time")
        }
        var body: [String: JSONValue] = [
            "reusable": .bool(reusable), "ephemeral": .bool(ephemeral), "expiration": .text(TimeText.text(end)),
            "aclTags": .list(tags.flatMap { $0.split(separator: ",").map { .text(String($0)) } }),
        ]
        if preapproved { body["preapproved"] = true }
        if let user {
            let lookup = UserLookup(client: client)
            let owner = createUser ? try await lookup.userOrNew(user) : try await lookup.user(user)
            body["user"] = owner["id"] ?? .null
        }
        let key = try client.member("preAuthKey", of: try await client.post(["preauthkey"], .object(body)))
        return Report(text: key["key"]?.text ?? "", value: key)
    }
}
