import ArgumentParser
import Foundation

/// `swiftscale nodes attributes list`.
struct NodesAttributesList: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the attributes of a device: those that were set, and what its client tells of itself.",
        discussion: """
            Example:
              swiftscale nodes attributes list --identifier 7
            """,
        aliases: ["ls"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let reply = try await client.get(["node", String(identifier), "attributes"])
        return Report(text: NodesAttributes.text(reply, now: console.now()), value: reply)
    }
}
