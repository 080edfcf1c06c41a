import ArgumentParser

/// `swiftscale policy get`.
struct PolicyGet: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print the policy in force, or an earlier one, as its author wrote it.",
        discussion: """
            Examples:
              swiftscale policy get > policy.hujson
              swiftscale policy get --revision 7
            """,
        aliases: ["show", "view", "fetch"]
    )

    @Option(name: .long, help: ArgumentHelp("An earlier revision.", valueName: "number"))
    var revision: Int?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let query = revision.map { ["revision": String($0)] } ?? [:]
        let reply = try await client.get(["policy"], query: query)
        if let fault = reply["fault"]?.text { console.error("Warning: something newer is refused: \(fault)") }
        var text = try client.member("policy", of: reply).text ?? ""
        if text.hasSuffix("\n") { text.removeLast() }
        return Report(text: text, value: reply)
    }
}
