import ArgumentParser

/// `swiftscale nodes`.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, register, rename, expire and delete nodes; approve routes.",
        subcommands: [
            NodesList.self, NodesListRoutes.self, NodesRegister.self, NodesExpire.self, NodesRename.self,
            NodesApproveRoutes.self, NodesSetIP.self, NodesBackfillIPs.self, NodesDelete.self,
        ],
        aliases: ["node"]
    )
}
