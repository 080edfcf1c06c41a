import ArgumentParser

/// `swiftscale users create`.
struct UsersCreate: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a user.",
        discussion: """
            Example:
              swiftscale users create anna --display-name "Anna Berg" --email anna@example.com
            """,
        aliases: ["c", "new"]
    )

    @Argument(help: "Login name: a letter, then letters, digits, '-', '.', '_', at most one '@'.")
    var name: String

    @Option(name: [.short, .long], help: "Name shown to people.")
    var displayName: String?

    @Option(name: [.short, .long], help: "E-mail address.")
    var email: String?

    @Option(name: [.short, .long], help: ArgumentHelp("URL of a picture.", valueName: "url"))
    var pictureUrl: String?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["name": .text(name)]
        if let displayName { body["displayName"] = .text(displayName) }
        if let email { body["email"] = .text(email) }
        if let pictureUrl { body["pictureUrl"] = .text(pictureUrl) }
        let user = try client.member("user", of: try await client.post(["user"], .object(body)))
        return Report(text: "User \(name) created with id \(user["id"]?.text ?? "?").", value: user)
    }
}
