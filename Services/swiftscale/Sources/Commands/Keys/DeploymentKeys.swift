import ArgumentParser

/// `swiftscale keys`.
struct DeploymentKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Change the keys of the deployment itself.",
        subcommands: [KeysRotateMaster.self]
    )
}
