import ArgumentParser

/// `swiftscale nodes approve`.
struct NodesApprove: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let a device take part that waits for approval.",
        discussion: """
            Devices wait where node.device_approval.enabled is set. Until they are approved they see nobody, and nobody sees
            them.

            Examples:
              swiftscale nodes approve --identifier 7
              swiftscale nodes approve --identifier 7 --withdraw
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Flag(name: .long, help: "Take the approval back.")
    var withdraw = false

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let body: [String: JSONValue] = ["approved": .bool(!withdraw)]
        let reply = try await client.post(["node", String(identifier), "approve"], .object(body))
        let node = try client.member("node", of: reply)
        let name = node["givenName"]?.text ?? ""
        let text = withdraw ? "Node \(name) is not approved any more." : "Node \(name) is approved."
        return Report(text: text, value: node)
    }
}
