import ArgumentParser

/// `swiftscale nodes backfillips`.
struct NodesBackfillIPs: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfillips",
        abstract: "Give nodes the addresses that they lack after a change of prefixes.",
        discussion: """
            Addresses of a family without a prefix are taken away. All others stay.

            Example:
              swiftscale nodes backfillips
            """
    )

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        try console.confirm("Change the addresses of nodes to fit the configured prefixes?", isForced: options.force)
        let reply = try await client.post(["node", "backfillips"], query: ["confirmed": "true"])
        let changes = try client.member("changes", of: reply)
        let lines = (changes.list ?? []).compactMap(\.text)
        return Report(
            text: lines.isEmpty ? "All nodes have their addresses." : lines.joined(separator: "\n"),
            value: changes
        )
    }
}
