import ArgumentParser

/// `swiftscale nodes`.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, register, rename, tag, approve, expire and delete nodes.",
        subcommands: [
            NodesList.self, NodesRegister.self, NodesExpire.self, NodesRename.self, NodesTag.self, NodesApprove.self,
            NodesDelete.self,
        ],
        aliases: ["node"]
    )
}
