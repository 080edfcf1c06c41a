import ArgumentParser

/// `swiftscale nodes`.
struct Nodes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, register, rename, tag, approve, expire, delete and ask nodes; approve routes.",
        subcommands: [
            NodesList.self, NodesListRoutes.self, NodesRegister.self, NodesExpire.self, NodesRename.self, NodesTag.self,
            NodesApprove.self, NodesApproveRoutes.self, NodesSetIP.self, NodesBackfillIPs.self,
            NodesAttributes.self, NodesDelete.self,
            NodesPing.self, NodesC2N.self,
        ],
        aliases: ["node"]
    )
}
