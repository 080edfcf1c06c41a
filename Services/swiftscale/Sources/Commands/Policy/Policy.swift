import ArgumentParser

/// `swiftscale policy`.
struct Policy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the policy service; check, try out, explain, set and roll back access policies.",
        subcommands: [
            PolicyProcess.self, PolicyGet.self, PolicySet.self, PolicyCheck.self, PolicyDiff.self, PolicyExplain.self,
            PolicyEval.self, PolicyHistory.self, PolicyRollback.self,
        ],
        defaultSubcommand: PolicyProcess.self,
        aliases: ["acl"]
    )
}
