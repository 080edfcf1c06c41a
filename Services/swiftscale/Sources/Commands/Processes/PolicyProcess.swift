import ArgumentParser

/// `swiftscale policy` without another verb, like the other processes, or `swiftscale policy run`.
struct PolicyProcess: ProcessCommand {
    static let kind = ProcessKind.policy
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the policy service in a process of its own.",
        discussion: """
            It owns the access policy and publishes it to the gateways.
            Needs bus.urls and a database.

            Example:
              swiftscale policy -c /etc/swiftscale/policy.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
