import ArgumentParser

/// `swiftscale derp`.
struct DERPProcess: ProcessCommand {
    static let kind = ProcessKind.derp
    static let configuration = CommandConfiguration(
        commandName: "derp",
        abstract: "Run a relay in a process of its own.",
        discussion: """
            Clients without a direct path talk through relays; STUN is beside it. Relays join and leave the map by themselves.
            Needs bus.urls; derp.server.hostname is the name by which clients reach it.

            Example:
              swiftscale derp -c /etc/swiftscale/derp.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
