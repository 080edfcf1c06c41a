import ArgumentParser
import Foundation

/// `swiftscale preauthkeys list`.
struct AuthKeysList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List auth keys, without their secret part.",
        discussion: """
            Examples:
              swiftscale preauthkeys list
              swiftscale preauthkeys list --user anna
            """,
        aliases: ["ls", "show"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("Only keys of this user: id or name.", valueName: "user"))
    var user: String?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.get(["preauthkey"])
        var keys = try client.member("preAuthKeys", of: reply).list ?? []
        if let user {
            let owner = try await UserLookup(client: client).user(user)
            keys = keys.filter { $0["user"]?["id"] == owner["id"] }
        }
        return Report(text: Self.text(keys, now: console.now()), value: .list(keys))
    }

    static func text(_ keys: [JSONValue], now: Date) -> String {
        let time = RelativeTime(now: now)
        var table = Table("ID", "KEY", "OWNER", "KIND", "USED", "EXPIRES", "CREATED")
        for key in keys {
            let kinds = [("reusable", "reusable"), ("ephemeral", "ephemeral"), ("preapproved", "preapproved")]
                .filter { key[$0.0] == .bool(true) }.map(\.1)
            let tags = (key["aclTags"]?.list ?? []).compactMap(\.text)
            table.add([
                key["id"]?.text ?? "", key["key"]?.text ?? "",
                tags.isEmpty ? key["user"]?["name"]?.text ?? "" : tags.joined(separator: " "),
                kinds.isEmpty ? "once" : kinds.joined(separator: ", "),
                key["used"] == .bool(true) ? "yes" : "no",
                time.text(key["expiration"], unset: "never"), time.text(key["createdAt"], unset: ""),
            ])
        }
        return table.text(whenEmpty: "No auth keys. Make one with: swiftscale preauthkeys create --user NAME")
    }
}
