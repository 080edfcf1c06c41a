import ArgumentParser

/// `swiftscale nodes register`.
struct NodesRegister: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Let a device in that waits for a login: older form of auth register.",
        discussion: """
            Example:
              swiftscale nodes register --key hskey-authreq-00112233445566778899aabb --user anna
            """
    )

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The login's id, or the node key that the device shows.", valueName: "key")
    )
    var key: String

    @Option(name: [.short, .long], help: ArgumentHelp("Owner of the device: id or name.", valueName: "user"))
    var user: String

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let body: [String: JSONValue] = ["key": .text(key), "user": .text(user)]
        let node = try client.member("node", of: try await client.post(["node", "register"], .object(body)))
        return Report(text: AuthRegister.text(node), value: node)
    }
}
