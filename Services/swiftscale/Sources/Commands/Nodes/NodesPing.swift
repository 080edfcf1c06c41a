import ArgumentParser

/// `swiftscale nodes ping`.
struct NodesPing: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "ping",
        abstract: "See whether a client answers, or have it ping another node.",
        discussion: """
            Without --to the server asks the client itself, over its map stream. With --to the client pings that node and
            tells what came of it: disco between the two clients alone, tsmp in the tunnel, icmp up to the operating system,
            peerapi up to the other client's own server.

            Examples:
              swiftscale nodes ping --identifier 7
              swiftscale nodes ping --identifier 7 --to printer
              swiftscale nodes ping --identifier 7 --to 100.64.0.3 --type icmp
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("The node that is asked, by id.", valueName: "id"))
    var identifier: Int64

    @Option(name: .long, help: ArgumentHelp("Whom it pings: a node's name or id, or an address.", valueName: "node"))
    var to: String?

    @Option(name: .long, help: ArgumentHelp("How: disco, tsmp, icmp or peerapi; disco unless said.", valueName: "kind"))
    var type: String?

    @OptionGroup var answer: AnswerTimeout

    @OptionGroup var options: AdminOptions

    private static let types = ["disco", "tsmp", "icmp", "peerapi"]

    func validate() throws {
        guard let type else { return }
        guard Self.types.contains(type.lowercased()) else {
            throw ValidationError("\"\(type)\" is no kind of ping: give one of \(Self.types.joined(separator: ", ")).")
        }
        if to == nil { throw ValidationError("--type says how the node pings another one: give --to, too.") }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var body: [String: JSONValue] = ["timeout": answer.value]
        if let to { body["to"] = .text(to) }
        if let type { body["type"] = .text(type.lowercased()) }
        let reply = try await client.post(
            ["node", String(identifier), "ping"],
            .object(body),
            patience: answer.patience
        )
        guard let to else {
            return Report(text: "Node \(identifier) answered in \(Self.latency(reply) ?? "time").", value: reply)
        }
        return Self.report(reply, to: to)
    }

    private static func report(_ reply: JSONValue, to: String) -> Report {
        let name = reply["nodeName"]?.text ?? to
        let address = reply["address"]?.text ?? to
        if let error = reply["error"]?.text {
            return Report(text: "Ping of \(to) (\(address)) failed: \(error)", value: reply, isRefusal: true)
        }
        let way =
            if let endpoint = reply["endpoint"]?.text {
                " via \(endpoint)"
            } else if let relay = reply["peerRelay"]?.text {
                " via peer relay \(relay)"
            } else if let region = reply["derpRegionCode"]?.text {
                " via DERP(\(region))"
            } else {
                ""
            }
        let kind = reply["type"]?.text ?? "disco"
        return Report(
            text: "\(kind) pong from \(name) (\(address))\(way) in \(latency(reply) ?? "no known time")",
            value: reply
        )
    }

    private static func latency(_ reply: JSONValue) -> String? {
        let seconds: Double? =
            switch reply["latencySeconds"] {
            case .number(let number)?: number
            case .integer(let number)?: Double(number)
            default: nil
            }
        return seconds.map { "\((($0 * 1_000_000).rounded() / 1000)) ms" }
    }
}
