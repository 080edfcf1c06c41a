import ArgumentParser

/// `swiftscale auth reject`.
struct AuthReject: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Turn a device or a login by SSH away.",
        discussion: """
            Example:
              swiftscale auth reject --auth-id hskey-authreq-00112233445566778899aabb
            """
    )

    @OptionGroup var login: LoginSelection
    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.post(["auth", "reject"], .object(["authId": .text(login.authId)]))
        return Report(text: "The login is turned away.", value: reply)
    }
}
