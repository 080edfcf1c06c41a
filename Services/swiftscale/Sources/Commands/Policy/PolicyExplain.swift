import ArgumentParser
import PolicyLanguage

/// `swiftscale policy explain`.
struct PolicyExplain: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why one node may reach another, or why not.",
        discussion: """
            Source and destination are names of nodes, addresses, or names as a policy has them: users, groups, tags. Without
            a port, some port is enough. Denied is an answer, not a failure: both end with 0. With --policy and --network no
            server is asked.

            Examples:
              swiftscale policy explain laptop web:443
              swiftscale policy explain laptop web:443 --policy policy.hujson --network network.json
              swiftscale policy explain ann@example.com tag:web:22 --proto tcp --policy p.hujson --network n.json -o json
            """
    )

    @Argument(help: "Who wants to reach something.")
    var source: String

    @Argument(help: ArgumentHelp("What is to be reached, with :PORT or without.", valueName: "destination"))
    var destination: String

    @Option(name: .long, help: ArgumentHelp("Protocol: tcp, udp, icmp, a number.", valueName: "protocol"))
    var proto: String = ""

    @Option(name: .long, help: ArgumentHelp("The policy.", valueName: "file"))
    var policy: String?

    @Option(name: .long, help: ArgumentHelp("Users and nodes.", valueName: "file"))
    var network: String?

    @OptionGroup var options: AdminOptions

    func validate() throws {
        guard (policy == nil) == (network == nil) else { throw ValidationError("Give both --policy and --network.") }
    }

    func run() async throws {
        guard let policy, let network else { return try await ask() }
        try await CommandRunner.run(as: options.format.output) { () throws(CommandFailure) in
            try report(policy: policy, network: network)
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        var query = ["src": source, "dst": destination]
        if !proto.isEmpty { query["proto"] = proto }
        let reply = try await client.get(["policy", "explain"], query: query)
        return PolicyAnswers(rows: try client.member("answers", of: reply).list ?? []).report
    }

    func report(policy: String, network: String) throws(CommandFailure) -> Report {
        let engine = try PolicyFiles.engine(policy, for: try PolicyFiles.network(network))
        do {
            return PolicyAnswers(try engine.explain(source: source, destination: destination, protocol: proto)).report
        } catch {
            throw CommandFailure(error.message)
        }
    }
}
