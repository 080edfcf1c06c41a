import ArgumentParser

/// `swiftscale users destroy`.
struct UsersDestroy: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Delete a user who has no nodes.",
        discussion: """
            Example:
              swiftscale users destroy --name anna
            """,
        aliases: ["delete"]
    )

    @OptionGroup var selection: UserSelection
    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let user = try await UserLookup(client: client).user(identifier: selection.identifier, name: selection.name)
        let name = user["name"]?.text ?? ""
        try console.confirm("Delete user \(name) and the user's auth keys?", isForced: options.force)
        let reply = try await client.delete(["user", user["id"]?.text ?? ""])
        return Report(text: "User \(name) deleted.", value: reply)
    }
}
