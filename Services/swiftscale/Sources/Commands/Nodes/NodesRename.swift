import ArgumentParser

/// `swiftscale nodes rename`.
struct NodesRename: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a node another name in the network.",
        discussion: """
            The name stays when the client's host name changes.

            Example:
              swiftscale nodes rename --identifier 7 printer
            """
    )

    @Argument(help: ArgumentHelp("The new name, a DNS label.", valueName: "new-name"))
    var newName: String

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.post(["node", String(identifier), "rename", newName])
        let node = try client.member("node", of: reply)
        return Report(text: "Node \(identifier) is now \(node["givenName"]?.text ?? newName).", value: node)
    }
}
