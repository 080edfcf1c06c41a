import ArgumentParser

/// `swiftscale audit`.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look up who changed what.",
        subcommands: [AuditList.self]
    )
}
