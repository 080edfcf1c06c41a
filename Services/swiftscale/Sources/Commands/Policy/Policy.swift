import ArgumentParser

/// `swiftscale policy`.
struct Policy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the policy service; check, try out and explain access policies.",
        subcommands: [PolicyProcess.self, PolicyCheck.self, PolicyEval.self, PolicyExplain.self, PolicyDiff.self],
        defaultSubcommand: PolicyProcess.self,
        aliases: ["acl"]
    )
}
