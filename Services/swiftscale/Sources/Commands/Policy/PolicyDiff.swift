import ArgumentParser
import PolicyLanguage

/// `swiftscale policy diff`.
struct PolicyDiff: AdminCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say who gains and who loses access when one policy replaces another.",
        discussion: """
            With --network both are files and no server is asked. Without it each is a file, the number of a revision, or
            current, and the users and nodes are those of the server.

            Examples:
              swiftscale policy diff current new.hujson
              swiftscale policy diff 6 7
              swiftscale policy diff old.hujson new.hujson --network network.json
            """
    )

    @Argument(help: ArgumentHelp("The policy before.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The policy after.", valueName: "after"))
    var after: String

    @Option(name: .long, help: ArgumentHelp("Users and nodes.", valueName: "file"))
    var network: String?

    @OptionGroup var options: AdminOptions

    func run() async throws {
        guard let network else { return try await ask() }
        try await CommandRunner.run(as: options.format.output) { () throws(CommandFailure) in
            try report(network: network)
        }
    }

    func perform(_ client: AdminClient, console: Console) async throws(CommandFailure) -> Report {
        let body = JSONValue.object(["before": try Self.side(before), "after": try Self.side(after)])
        return PolicyChanges(value: try await client.post(["policy", "diff"], body)).report
    }

    /// A file goes before a revision with the same name: `./7` or `7`, where there is such a file.
    private static func side(_ text: String) throws(CommandFailure) -> JSONValue {
        if FilePresence.exists(text) { return .object(["policy": .text(try PolicyFiles.text(text))]) }
        if text == "current" { return .object([:]) }
        guard let revision = Int64(text), revision > 0 else {
            throw CommandFailure("\(text) is no file, no revision and not current")
        }
        return .object(["revision": .integer(revision)])
    }

    func report(network: String) throws(CommandFailure) -> Report {
        let network = try PolicyFiles.network(network)
        let (old, new) = (
            try PolicyFiles.engine(before, for: network), try PolicyFiles.engine(after, for: network)
        )
        return PolicyChanges(old.difference(to: new)).report
    }
}
