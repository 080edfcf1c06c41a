import ArgumentParser

/// `swiftscale apikeys delete`.
struct APIKeysDelete: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a key of the admin API.",
        discussion: """
            Example:
              swiftscale apikeys delete --id 2
            """,
        aliases: ["remove", "del"]
    )

    @OptionGroup var selection: APIKeySelection
    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply =
            if let prefix = selection.prefix {
                try await client.delete(["apikey", prefix])
            } else {
                try await client.delete(["apikey", "-"], query: ["id": selection.text])
            }
        return Report(text: "API key \(selection.text) deleted.", value: reply)
    }
}
