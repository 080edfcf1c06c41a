import ArgumentParser

/// `swiftscale nodes backfillips`.
struct NodesBackfillIPs: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfillips",
        abstract: "Give nodes the addresses that they lack or should have after a change of prefixes.",
        discussion: """
            Addresses outside of the prefixes, and of the policy's pools, are replaced, whoever chose them; those of a family
            without a prefix are taken away. All others stay. Says what it would do, and asks first.

            Examples:
              swiftscale nodes backfillips --dry-run
              swiftscale nodes backfillips
            """
    )

    @Flag(name: .long, help: "Only say what would be done.")
    var dryRun = false

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        if dryRun || !options.force {
            let plan = try await client.post(["node", "backfillips"], query: ["dry_run": "true"])
            let lines = Self.lines(try client.member("changes", of: plan))
            let count = Int(plan["nodes"]?.integer ?? 0)
            let text = lines.joined(separator: "\n")
            guard count > 0, !dryRun else {
                return Report(text: count > 0 ? text : Self.nothing, value: plan)
            }
            let question = "Change the addresses of \(count == 1 ? "1 node" : "\(count) nodes")?"
            try console.confirm("\(text)\n\(question)", isForced: false)
        }
        let reply = try await client.post(["node", "backfillips"], query: ["confirmed": "true"])
        let changes = try client.member("changes", of: reply)
        let lines = Self.lines(changes)
        return Report(text: lines.isEmpty ? Self.nothing : lines.joined(separator: "\n"), value: changes)
    }

    private static let nothing = "All nodes have their addresses."

    private static func lines(_ changes: JSONValue) -> [String] {
        (changes.list ?? []).compactMap(\.text).map(Table.printable)
    }
}
