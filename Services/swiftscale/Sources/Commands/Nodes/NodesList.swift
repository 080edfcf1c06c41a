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

    @Flag(name: [.short, .long], help: "Show tags in a column of their own.")
    var tags = false

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.get(["node"], query: user.map { ["user": $0] } ?? [:])
        let nodes = try client.member("nodes", of: reply)
        return Report(text: Self.text(nodes.list ?? [], showsTags: tags, now: console.now()), value: nodes)
    }

    static func text(_ nodes: [JSONValue], showsTags: Bool = false, now: Date) -> String {
        let time = RelativeTime(now: now)
        let heads =
            ["ID", "NAME", "OWNER"] + (showsTags ? ["TAGS"] : []) + [
                "ADDRESSES", "STATE", "LAST SEEN", "KEY EXPIRES",
            ]
        var table = Table(heads)
        for node in nodes {
            let tags = (node["tags"]?.list ?? []).compactMap(\.text)
            let addresses = (node["ipAddresses"]?.list ?? []).compactMap(\.text)
            let user = node["user"]?["name"]?.text ?? ""
            let list = tags.joined(separator: " ")
            let owner =
                showsTags ? (tags.isEmpty ? [user, ""] : ["tagged-devices", list]) : [tags.isEmpty ? user : list]
            table.add(
                [node["id"]?.text ?? "", node["givenName"]?.text ?? ""] + owner + [
                    addresses.joined(separator: " "), state(node, now: now),
                    time.text(node["lastSeen"], unset: "never"), time.text(node["expiry"], unset: "never"),
                ]
            )
        }
        return table.text(whenEmpty: "No nodes. Bring one in with an auth key: swiftscale preauthkeys create --help")
    }

    private static func state(_ node: JSONValue, now: Date) -> String {
        if let expiry = node["expiry"]?.text.flatMap(TimeText.date), expiry <= now { return "expired" }
        if node["approved"] == .bool(false) { return "not approved" }
        return node["online"] == .bool(true) ? "online" : "offline"
    }
}
