import ArgumentParser
import PolicyLanguage

/// `swiftscale policy diff`.
struct PolicyDiff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say who gains and who loses access when one policy replaces another.",
        discussion: """
            Example:
              swiftscale policy diff old.hujson new.hujson --network network.json
            """
    )

    @Argument(help: ArgumentHelp("The policy before.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The policy after.", valueName: "after"))
    var after: String

    @Option(name: .long, help: ArgumentHelp("Users and nodes.", valueName: "file"))
    var network: String

    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await CommandRunner.run(as: format.output) { () throws(CommandFailure) in try report() }
    }

    func report() throws(CommandFailure) -> Report {
        let network = try PolicyFiles.network(network)
        let (old, new) = (
            try PolicyFiles.engine(before, for: network), try PolicyFiles.engine(after, for: network)
        )
        return PolicyChanges(old.difference(to: new)).report
    }
}
