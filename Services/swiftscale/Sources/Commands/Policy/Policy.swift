import ArgumentParser

/// `swiftscale policy`.
struct Policy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, try out, explain, set and roll back access policies.",
        subcommands: [
            PolicyGet.self, PolicySet.self, PolicyCheck.self, PolicyDiff.self, PolicyExplain.self, PolicyEval.self,
            PolicyHistory.self, PolicyRollback.self,
        ],
        aliases: ["acl"]
    )
}
