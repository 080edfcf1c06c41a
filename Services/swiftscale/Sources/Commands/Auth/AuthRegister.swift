import ArgumentParser

/// `swiftscale auth register`.
struct AuthRegister: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "register",
        abstract: "Let a device in as one of a user.",
        discussion: """
            The id stands on the page that the device opens. Compare the node key with the one on that page.

            Example:
              swiftscale auth register --auth-id hskey-authreq-00112233445566778899aabb --user anna
            """
    )

    @OptionGroup var login: LoginSelection

    @Option(name: [.short, .long], help: ArgumentHelp("Owner of the device: id or name.", valueName: "user"))
    var user: String

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let body: [String: JSONValue] = ["authId": .text(login.authId), "user": .text(user)]
        let node = try client.member("node", of: try await client.post(["auth", "register"], .object(body)))
        return Report(text: AuthRegister.text(node), value: node)
    }

    static func text(_ node: JSONValue) -> String {
        "Node \(node["givenName"]?.text ?? "") is in, with id \(node["id"]?.text ?? "?")."
    }
}
