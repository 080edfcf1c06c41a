import ArgumentParser
import Foundation

/// `swiftscale apikeys list`.
struct APIKeysList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List keys of the admin API, without their secret part.",
        discussion: """
            Example:
              swiftscale apikeys list
            """,
        aliases: ["ls", "show"]
    )

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let keys = try client.member("apiKeys", of: try await client.get(["apikey"]))
        return Report(text: Self.text(keys.list ?? [], now: console.now()), value: keys)
    }

    static func text(_ keys: [JSONValue], now: Date) -> String {
        let time = RelativeTime(now: now)
        var table = Table("ID", "PREFIX", "EXPIRES", "LAST SEEN", "CREATED")
        for key in keys {
            table.add([
                key["id"]?.text ?? "", key["prefix"]?.text ?? "", time.text(key["expiration"], unset: "never"),
                time.text(key["lastSeen"], unset: "never"), time.text(key["createdAt"], unset: ""),
            ])
        }
        return table.text(whenEmpty: "No API keys. Make one with: swiftscale apikeys create")
    }
}
