import ArgumentParser

/// `swiftscale users list`.
struct UsersList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List users.",
        discussion: """
            Examples:
              swiftscale users list
              swiftscale users list --name anna -o json
            """,
        aliases: ["ls", "show"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("Only the user with this id.", valueName: "id"))
    var identifier: Int64?

    @Option(name: [.short, .long], help: ArgumentHelp("Only the user with this name.", valueName: "name"))
    var name: String?

    @Option(name: [.short, .long], help: "Only users with this e-mail address.")
    var email: String?

    @OptionGroup var options: AdminOptions

    func validate() throws {
        let filters = [identifier != nil, name != nil, email != nil].count { $0 }
        if filters > 1 { throw ValidationError("Give at most one of --identifier, --name and --email.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var query: [String: String] = [:]
        if let identifier { query["id"] = String(identifier) }
        if let name { query["name"] = name }
        if let email { query["email"] = email }
        let users = try client.member("users", of: try await client.get(["user"], query: query))
        return Report(text: UserTable.text(users.list ?? [], now: console.now()), value: users)
    }
}
