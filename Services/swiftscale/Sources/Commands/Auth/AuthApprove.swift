import ArgumentParser

/// `swiftscale auth approve`.
struct AuthApprove: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let a device in again as one of the user who had it before, or confirm a login by SSH.",
        discussion: """
            A device that was never here needs a user: see swiftscale auth register.

            Example:
              swiftscale auth approve --auth-id hskey-authreq-00112233445566778899aabb
            """
    )

    @OptionGroup var login: LoginSelection
    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.post(["auth", "approve"], .object(["authId": .text(login.authId)]))
        return Report(text: "The login is approved.", value: reply)
    }
}
