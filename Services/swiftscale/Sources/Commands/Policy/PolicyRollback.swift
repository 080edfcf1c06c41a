import ArgumentParser

/// `swiftscale policy rollback`.
struct PolicyRollback: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put an earlier revision of the policy in force again, as a new one.",
        discussion: """
            It is checked like any policy: tests that fail on the network of today refuse it.

            Example:
              swiftscale policy rollback 7 --note "the last change locked us out"
            """
    )

    @Argument(help: "The revision, see: swiftscale policy history.")
    var revision: Int

    @Option(name: .long, help: "Why, for the history.")
    var note: String = ""

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard revision > 0 else { throw ValidationError("A revision is a number from 1.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["revision": .integer(Int64(revision))]
        if !note.isEmpty { body["note"] = .text(note) }
        let reply = try await client.post(["policy", "rollback"], .object(body))
        let number = reply["revision"]?.integer.map { "\($0)" } ?? "?"
        return Report(text: "Revision \(revision) is in force again, as revision \(number).", value: reply)
    }
}
