import ArgumentParser
import IPAddresses

/// `swiftscale nodes set-ip`.
struct NodesSetIP: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-ip",
        abstract: "Give a node an address of your choice, free and among those that nodes get.",
        discussion: """
            Examples:
              swiftscale nodes set-ip --identifier 7 100.64.10.7
              swiftscale nodes set-ip --identifier 7 100.64.10.7 fd7a:115c:a1e0::a07
            """
    )

    @Argument(help: ArgumentHelp("The IPv4 address, the IPv6 address, or both.", valueName: "address"))
    var addresses: [String]

    @Option(name: [.short, .long], help: ArgumentHelp("The node's id.", valueName: "id"))
    var identifier: Int64

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard try body() != nil else { throw ValidationError("Give one address of each family at most.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        guard let body = try? body() else { throw CommandFailure("these are not two addresses") }
        let node = try client.member("node", of: try await client.post(["node", String(identifier), "ip"], body))
        let addresses = (node["ipAddresses"]?.list ?? []).compactMap(\.text).joined(separator: " ")
        return Report(text: "Node \(node["givenName"]?.text ?? "") has \(addresses) now.", value: node)
    }

    /// `nil` where a family is there twice.
    private func body() throws -> JSONValue? {
        var members: [String: JSONValue] = [:]
        for text in addresses {
            guard let address = IPAddress(text) else { throw ValidationError("\"\(text)\" is not an address.") }
            let family = address.bitLength == 32 ? "ipv4" : "ipv6"
            guard members.updateValue(.text(text), forKey: family) == nil else { return nil }
        }
        return .object(members)
    }
}
