import ControlModel
import ServiceKit

/// The engine's replica, as the follower of the registry sees it.
struct ReplicaCopy: RegistryCopy {
    /// Nodes of a snapshot that are taken at once, so that the engine does other things in between.
    private static let portion = 1000

    let engine: NetmapEngine

    func apply(_ changes: [RegistryChange]) async -> Bool {
        await engine.apply(changes).missingAfter == nil
    }

    func replace(with snapshot: RegistrySnapshot) async -> Version {
        await engine.apply(snapshotUsers: snapshot.users, nodes: [])
        var rest = snapshot.nodes[...]
        while !rest.isEmpty {
            await engine.apply(snapshotUsers: [], nodes: Array(rest.prefix(Self.portion)))
            rest = rest.dropFirst(Self.portion)
        }
        await engine.finishSnapshot(
            version: snapshot.version,
            users: Set(snapshot.users.map(\.id)),
            nodes: Set(snapshot.nodes.map(\.id))
        )
        return await engine.replicaVersion()
    }
}
