import ArgumentParser

<<<<<<< HEAD
/// `swiftscale policy run`, which is also what `swiftscale policy` alone does.
=======
/// `swiftscale policy` without another verb, like the other processes, or `swiftscale policy run`.
>>>>>>> a888e6844be0dc3dc67109d05a764cadd7fed86f
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
