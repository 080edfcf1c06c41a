import ArgumentParser

/// `swiftscale preauthkeys expire`.
struct AuthKeysExpire: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "End an auth key now; nodes that used it stay.",
        discussion: """
            Example:
              swiftscale preauthkeys expire --id 4
            """,
        aliases: ["revoke", "exp", "e"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The key's id, as in the list.", valueName: "id"))
    var id: Int64

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.post(["preauthkey", "expire"], .object(["id": .text(String(id))]))
        return Report(text: "Auth key \(id) has ended.", value: reply)
    }
}
