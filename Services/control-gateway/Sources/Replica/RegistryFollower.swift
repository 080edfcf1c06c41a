import Bus
import ControlModel
import Logging
import ServiceKit

/// Keeps the engine's copy of users and nodes in step with the registry.
///
/// Snapshot at start, then events; a gap in the versions is repaired by asking for what is missing.
struct RegistryFollower {
    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let logger: Logger

    /// Follows until cancelled; calls `ready` once, when the first snapshot is in.
    func run(ready: () async throws -> Void) async throws {
        let events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
        try await Retry.untilDone(logger, "registry snapshot") { try await loadSnapshot() }
        try await ready()
        for await event in events {
            let receipt = await engine.apply(event.changes)
            if let missing = receipt.missingAfter {
                logger.debug("registry changes missing", metadata: [LogKey.version: "\(missing)"])
                try await Retry.untilDone(logger, "registry changes") { try await repair() }
            }
        }
    }

    private func repair() async throws {
        while true {
            let since = await engine.replicaVersion()
            let answer = try await bus.request(FetchChanges(since: since), tailnet: tailnet)
            guard let changes = answer.changes else { return try await loadSnapshot() }
            if changes.isEmpty { return }
            let receipt = await engine.apply(changes)
            if receipt.missingAfter != nil { return try await loadSnapshot() }
        }
    }

    private func loadSnapshot() async throws {
        var users: Set<UserID> = []
        var nodes: Set<NodeID> = []
        var version: Version?
        var after: NodeID?
        repeat {
            let part = try await bus.request(FetchSnapshot(after: after), tailnet: tailnet)
            version = version ?? part.version
            users.formUnion(part.users.map(\.id))
            nodes.formUnion(part.nodes.map(\.id))
            await engine.apply(snapshotUsers: part.users, nodes: part.nodes)
            after = part.next
        } while after != nil
        await engine.finishSnapshot(version: version ?? 0, users: users, nodes: nodes)
    }
}
