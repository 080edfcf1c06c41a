import ArgumentParser
import Foundation

/// `swiftscale apikeys create`.
struct APIKeysCreate: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key of the admin API and print it, this once.",
        discussion: """
            Example:
              swiftscale apikeys create --expiration 30d
            """,
        aliases: ["c", "new"]
    )

    @Option(
        name: [.short, .long],
        help: "When the key ends: a duration like 90d, or a time like 2030-01-31T12:00:00Z."
    )
    var expiration = "90d"

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard TimeText.moment(expiration, now: .distantPast) != nil else {
            throw ValidationError("--expiration \"\(expiration)\" is neither a duration like 90d nor a time.")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        guard let end = TimeText.moment(expiration, now: console.now()) else {
            throw CommandFailure("--expiration \"\(expiration)\" is neither a duration like 90d nor a time")
        }
        let reply = try await client.post(["apikey"], .object(["expiration": .text(TimeText.text(end))]))
        let key = try client.member("apiKey", of: reply)
        return Report(text: key.text ?? "", value: key)
    }
}
