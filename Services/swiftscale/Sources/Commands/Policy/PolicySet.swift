import ArgumentParser

/// `swiftscale policy set`.
struct PolicySet: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Put a policy in force, after it was checked and its tests passed on the live network.",
        discussion: """
            Examples:
              swiftscale policy set policy.hujson --note "let developers reach the database"
              swiftscale policy set -f policy.hujson --expect 7
            """,
        aliases: ["put", "update"]
    )

    @OptionGroup var source: PolicySource

    @Option(name: .long, help: "Why, for the history.")
    var note: String = ""

    @Option(
        name: .long,
        help: ArgumentHelp("Refuse if another revision than this is the newest.", valueName: "number")
    )
    var expect: Int?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["policy": .text(try PolicyFiles.text(source.path))]
        if !note.isEmpty { body["note"] = .text(note) }
        if let expect { body["expectedRevision"] = .integer(Int64(expect)) }
        let reply = try await client.put(["policy"], .object(body))
        let revision = reply["revision"]?.integer.map { "\($0)" } ?? "?"
        return Report(text: "The policy is in force as revision \(revision).", value: reply)
    }
}
