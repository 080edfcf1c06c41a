import ArgumentParser

/// `swiftscale nodes approve-routes`.
struct NodesApproveRoutes: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve-routes",
        abstract: "Say which routes of a node others may use, in place of those before.",
        discussion: """
            A route to everywhere, 0.0.0.0/0 or ::/0, makes the node an exit node for both families.

            Examples:
              swiftscale nodes approve-routes --identifier 7 --routes 10.0.0.0/8,192.168.1.0/24
              swiftscale nodes approve-routes --identifier 7 --routes 0.0.0.0/0
              swiftscale nodes approve-routes --identifier 7 --routes ""
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @Option(
        name: [.short, .long],
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "All routes that are approved from now on, divided by commas; \"\" for none.",
            valueName: "prefix"
        )
    )
    var routes: [String]

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let list = routes.flatMap { $0.split(separator: ",") }.map { $0.trimmingPrefix(while: \.isWhitespace) }
        let body: [String: JSONValue] = ["routes": .list(list.map { .text(String($0)) })]
        let reply = try await client.post(["node", String(identifier), "approve_routes"], .object(body))
        let node = try client.member("node", of: reply)
        return Report(text: NodesListRoutes.text([node]), value: node)
    }
}
