import ArgumentParser

/// `swiftscale nodes attributes delete`.
struct NodesAttributesDelete: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Take an attribute away from a device.",
        discussion: """
            Example:
              swiftscale nodes attributes delete --identifier 7 custom:tier
            """,
        aliases: ["del"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Argument(help: ArgumentHelp("The attribute.", valueName: "custom:name"))
    var name: String

    @OptionGroup var options: AdminOptions

    func validate() throws {
        try NodesAttributes.requireSettable(name)
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.delete(["node", String(identifier), "attributes", name])
        return Report(text: "Node \(identifier) has no \(name) any more.", value: reply)
    }
}
