import ArgumentParser

/// `swiftscale keys rotate-master`.
struct KeysRotateMaster: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-master",
        abstract: "Give the deployment a new master key, and seal the database's secrets with it.",
        discussion: """
            Works on the configured database, where the registries may go on running: they need the new key at
            their next start. The new key takes the place of the configured file, and the old one is kept beside
            it with '.previous' at the end. Where the key comes from the environment, or from a file that cannot
            be written, say with --to where the new one goes, and bring it to all registries.

            Examples:
              swiftscale keys rotate-master
              swiftscale keys rotate-master -c /etc/swiftscale/registry.yaml --to /root/master-key.new
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Option(name: .long, help: ArgumentHelp("Write the new key to this new file instead.", valueName: "file"))
    var to: String?

    func run() async throws {
        try await CommandRunner.run(as: format.output) { () async throws(CommandFailure) in
            try await MasterKeyChange(configuration: try global.configuration(), target: to).run()
        }
    }
}
