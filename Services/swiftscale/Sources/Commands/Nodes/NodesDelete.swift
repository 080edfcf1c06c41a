import ArgumentParser

/// `swiftscale nodes delete`.
struct NodesDelete: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove a node from the network.",
        discussion: """
            Example:
              swiftscale nodes delete --identifier 7
            """,
        aliases: ["del"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let path = ["node", String(identifier)]
        let node = try client.member("node", of: try await client.get(path))
        let name = node["givenName"]?.text ?? String(identifier)
        try console.confirm("Delete node \(name)?", isForced: options.force)
        return Report(text: "Node \(name) deleted.", value: try await client.delete(path))
    }
}
