import ArgumentParser
import Foundation

/// `swiftscale nodes list`.
struct NodesList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List nodes.",
        discussion: """
            Examples:
              swiftscale nodes list
              swiftscale nodes list --user anna -o json
            """,
        aliases: ["ls", "show"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("Only nodes of this user: id or name.", valueName: "user"))
    var user: String?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.get(["node"], query: user.map { ["user": $0] } ?? [:])
        let nodes = try client.member("nodes", of: reply)
        return Report(text: Self.text(nodes.list ?? [], now: console.now()), value: nodes)
    }

    static func text(_ nodes: [JSONValue], now: Date) -> String {
        let time = RelativeTime(now: now)
        var table = Table("ID", "NAME", "OWNER", "ADDRESSES", "STATE", "LAST SEEN", "KEY EXPIRES")
        for node in nodes {
            let tags = (node["tags"]?.list ?? []).compactMap(\.text)
            let addresses = (node["ipAddresses"]?.list ?? []).compactMap(\.text)
            table.add([
                node["id"]?.text ?? "", node["givenName"]?.text ?? "",
                tags.isEmpty ? node["user"]?["name"]?.text ?? "" : tags.joined(separator: " "),
                addresses.joined(separator: " "), state(node, now: now),
                time.text(node["lastSeen"], unset: "never"), time.text(node["expiry"], unset: "never"),
            ])
        }
        return table.text(whenEmpty: "No nodes. Bring one in with an auth key: swiftscale preauthkeys create --help")
    }

    private static func state(_ node: JSONValue, now: Date) -> String {
        if let expiry = node["expiry"]?.text.flatMap(TimeText.date), expiry <= now { return "expired" }
        return node["online"] == .bool(true) ? "online" : "offline"
    }
}
