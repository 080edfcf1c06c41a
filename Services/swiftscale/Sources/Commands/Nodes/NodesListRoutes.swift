import ArgumentParser

/// `swiftscale nodes list-routes`.
struct NodesListRoutes: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-routes",
        abstract: "List nodes that route for others: what is approved, what they offer, what goes through them.",
        discussion: """
            Examples:
              swiftscale nodes list-routes
              swiftscale nodes list-routes --identifier 7
            """,
        aliases: ["lsr", "routes"]
    )

    @Option(name: [.short, .long], help: ArgumentHelp("Only this node.", valueName: "id"))
    var identifier: Int64?

    @OptionGroup var options: AdminOptions

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let nodes: [JSONValue]
        if let identifier {
            nodes = [try client.member("node", of: try await client.get(["node", String(identifier)]))]
        } else {
            let all = try client.member("nodes", of: try await client.get(["node"])).list ?? []
            nodes = all.filter { !Self.isEmpty($0["approvedRoutes"]) || !Self.isEmpty($0["availableRoutes"]) }
        }
        return Report(text: Self.text(nodes), value: .list(nodes))
    }

    static func text(_ nodes: [JSONValue]) -> String {
        var table = Table("ID", "NAME", "APPROVED", "AVAILABLE", "SERVING")
        for node in nodes {
            table.add([
                node["id"]?.text ?? "", node["givenName"]?.text ?? "", routes(node["approvedRoutes"]),
                routes(node["availableRoutes"]), routes(node["subnetRoutes"]),
            ])
        }
        return table.text(
            whenEmpty: "No node offers routes. A client offers some with: tailscale set --advertise-routes"
        )
    }

    private static func routes(_ value: JSONValue?) -> String {
        (value?.list ?? []).compactMap(\.text).joined(separator: " ")
    }

    private static func isEmpty(_ value: JSONValue?) -> Bool { value?.list?.isEmpty ?? true }
}
