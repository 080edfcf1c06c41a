import ArgumentParser

/// `swiftscale policy`.
struct Policy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check, try out and explain access policies.",
        subcommands: [PolicyCheck.self, PolicyEval.self, PolicyExplain.self, PolicyDiff.self],
        aliases: ["acl"]
    )
}
