import ArgumentParser

/// `swiftscale generate`.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make keys.",
        subcommands: [GeneratePrivateKey.self],
        aliases: ["gen"]
    )
}
