import ArgumentParser

/// `swiftscale policy run`, which is also what `swiftscale policy` alone does.
struct PolicyProcess: ProcessCommand {
    static let kind = ProcessKind.policy
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the policy service in a process of its own.",
        discussion: """
            It owns the access policy and publishes it to the gateways.
            Needs bus.urls and a database.

            Examples:
              swiftscale policy -c /etc/swiftscale/policy.yaml
              swiftscale policy run -c /etc/swiftscale/policy.yaml
            """
    )

    @OptionGroup var global: GlobalOptions
}
