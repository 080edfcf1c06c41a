import ArgumentParser
import PolicyLanguage

/// `swiftscale policy eval`.
struct PolicyEval: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval",
        abstract: "Compute what every node of a network would be told under a policy.",
        discussion: """
            Needs no server. Prints {"nodes": {name: {packet_filter, ssh, peers, self, whois_caps}}}, or {"error": "..."} and
            ends with 1 when the policy is refused or its tests fail.

            Example:
              swiftscale policy eval --policy policy.hujson --network network.json -o json
            """
    )

    @Option(name: .long, help: ArgumentHelp("The policy.", valueName: "file"))
    var policy: String

    @Option(name: .long, help: ArgumentHelp("Users and nodes.", valueName: "file"))
    var network: String

    @Option(name: .long, help: ArgumentHelp("The server that SSH checks ask.", valueName: "url"))
    var server = "https://unused"

    @OptionGroup var format: OutputOptions

    func run() async throws {
        let format = format.output ?? .json
        try await CommandRunner.run(as: format) { () throws(CommandFailure) in try report() }
    }

    func report() throws(CommandFailure) -> Report {
        let people = try PolicyFiles.network(network)
        let engine: PolicyEngine
        let bytes = try PolicyFiles.bytes(policy)
        do {
            engine = try PolicyEngine.checked(bytes, for: people)
        } catch {
            return Report(text: error.description, value: .object(["error": .text(error.description)]), isRefusal: true)
        }
        let nodes = JSONValue(engine.report(server: server, updatesAutomatically: try updatesAutomatically()))
        return Report(text: "", value: .object(["nodes": nodes]))
    }

    /// `tailnet.settings.devices_auto_updates_on` of the network file, where it is.
    private func updatesAutomatically() throws(CommandFailure) -> Bool {
        guard let root = try? HuJSON.parse(try PolicyFiles.bytes(network)).plain else { return false }
        return root["tailnet"]?["settings"]?["devices_auto_updates_on"] == .bool(true)
    }
}
