import ArgumentParser

/// `swiftscale registry`.
struct RegistryProcess: ProcessCommand {
    static let kind = ProcessKind.registry
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Run the registry in a process of its own.",
        discussion: """
            It owns users, nodes and keys. Several may run on one PostgreSQL database.
            Needs bus.urls and a database.

            Example:
              swiftscale registry -c /etc/swiftscale/registry.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
