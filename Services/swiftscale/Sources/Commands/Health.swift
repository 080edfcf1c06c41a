import ArgumentParser

/// `swiftscale health`.
struct Health: AdminCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the server whether it and its database work.",
        discussion: """
            Ends with 0 when all is well, else with 1.

            Example:
              swiftscale health && echo fine
            """
    )

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        Report(text: "The server and its database answer.", value: try await client.get(["health"]))
    }
}
