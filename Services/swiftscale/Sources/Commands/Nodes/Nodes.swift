import ArgumentParser

/// `swiftscale nodes`.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, rename, expire and delete nodes.",
        subcommands: [NodesList.self, NodesExpire.self, NodesRename.self, NodesDelete.self],
        aliases: ["node"]
    )
}
