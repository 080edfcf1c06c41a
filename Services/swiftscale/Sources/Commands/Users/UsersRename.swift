import ArgumentParser

/// `swiftscale users rename`.
struct UsersRename: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a user another login name.",
        discussion: """
            Example:
              swiftscale users rename --name anna --new-name anna.berg
            """,
        aliases: ["mv"]
    )

    @OptionGroup var selection: UserSelection

    @Option(name: [.customShort("r"), .long], help: ArgumentHelp("The new login name.", valueName: "name"))
    var newName: String

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let user = try await UserLookup(client: client).user(identifier: selection.identifier, name: selection.name)
        let reply = try await client.post(["user", user["id"]?.text ?? "", "rename", newName])
        return Report(
            text: "User \(user["name"]?.text ?? "") is now \(newName).",
            value: try client.member("user", of: reply)
        )
    }
}
