import ArgumentParser

/// `swiftscale policy history`.
struct PolicyHistory: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the revisions of the policy, newest first.",
        discussion: """
            Example:
              swiftscale policy history --limit 20
            """,
        aliases: ["log"]
    )

    @Option(name: .long, help: ArgumentHelp("At most so many, 1 to 100.", valueName: "number"))
    var limit = 20

    @Option(name: .long, help: ArgumentHelp("Only revisions before this one.", valueName: "number"))
    var before: Int?

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard (1...100).contains(limit) else { throw ValidationError("A limit is a number from 1 to 100.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var query = ["limit": String(limit)]
        if let before { query["before"] = String(before) }
        let reply = try await client.get(["policy", "history"], query: query)
        let revisions = try client.member("revisions", of: reply)
        let time = RelativeTime(now: console.now())
        var table = Table("REVISION", "SET", "BY", "FROM", "BYTES", "NOTE")
        for row in revisions.list ?? [] {
            table.add([
                row["revision"]?.integer.map { "\($0)" } ?? "", time.text(row["updatedAt"], unset: ""),
                row["author"]?.text ?? "", row["source"]?.text ?? "",
                row["length"]?.integer.map { "\($0)" } ?? "", row["note"]?.text ?? "",
            ])
        }
        return Report(
            text: table.text(whenEmpty: "There is no policy: everybody may reach everything."),
            value: revisions
        )
    }
}
