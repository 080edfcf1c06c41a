import ArgumentParser

/// `swiftscale nodes tag`.
struct NodesTag: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Replace the tags of a node; a node of a user becomes nobody's then.",
        discussion: """
            The policy must know the tags: they stand under tagOwners.

            Examples:
              swiftscale nodes tag --identifier 7 --tags tag:server
              swiftscale nodes tag --identifier 7 --tags tag:server,tag:db
            """,
        aliases: ["tags", "t"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Option(
        name: [.short, .long],
        parsing: .upToNextOption,
        help: ArgumentHelp("All tags that the node is to have, divided by commas.", valueName: "tag:name")
    )
    var tags: [String]

    @OptionGroup var options: AdminOptions

    private var list: [String] { tags.flatMap { $0.split(separator: ",").map(String.init) } }

    func validate() throws {
        if list.isEmpty { throw ValidationError("Give --tags one tag at least; a node cannot be left without any.") }
        for tag in list where !tag.hasPrefix("tag:") {
            throw ValidationError("\"\(tag)\" is not a tag: write tag:\(tag).")
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let body: [String: JSONValue] = ["tags": .list(list.map { .text($0) })]
        let reply = try await client.post(["node", String(identifier), "tags"], .object(body))
        let node = try client.member("node", of: reply)
        let now = (node["tags"]?.list ?? []).compactMap(\.text).joined(separator: " ")
        return Report(text: "Node \(node["givenName"]?.text ?? "") is tagged \(now).", value: node)
    }
}
