import ArgumentParser

/// `swiftscale apikeys expire`.
struct APIKeysExpire: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire",
        abstract: "End a key of the admin API now.",
        discussion: """
            Example:
              swiftscale apikeys expire --prefix 0123456789ab
            """,
        aliases: ["revoke", "exp", "e"]
    )

    @OptionGroup var selection: APIKeySelection
    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = [:]
        if let id = selection.id { body["id"] = .text(String(id)) }
        if let prefix = selection.prefix { body["prefix"] = .text(prefix) }
        let reply = try await client.post(["apikey", "expire"], .object(body))
        return Report(text: "API key \(selection.text) has ended.", value: reply)
    }
}
