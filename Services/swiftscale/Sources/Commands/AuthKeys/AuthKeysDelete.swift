import ArgumentParser

/// `swiftscale preauthkeys delete`.
struct AuthKeysDelete: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an auth key; nodes that used it stay.",
        discussion: """
            Example:
              swiftscale preauthkeys delete --id 4
            """,
        aliases: ["del", "rm", "d"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The key's id, as in the list.", valueName: "id"))
    var id: Int64

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.delete(["preauthkey"], query: ["id": String(id)])
        return Report(text: "Auth key \(id) deleted.", value: reply)
    }
}
