import Bus
import ControlModel
import Logging
import ServiceKit

/// Keeps the engine's copy of users and nodes in step with the registry.
///
/// Snapshot at start, then events, put in order by ``ChangeSequence``; what is lost is asked for.
struct RegistryFollower {
    private enum Input: Sendable {
        case event(RegistryChanges)
        /// Something has been missing for long enough.
        case check
    }

    let bus: any Bus
    let tailnet: TailnetID
    let engine: NetmapEngine
    let logger: Logger

    /// Follows until cancelled; calls `ready` once, when the first snapshot is in.
    func run(ready: () async throws -> Void) async throws {
        let events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
        var sequence = ChangeSequence(after: 0)
        try await Retry.untilDone(logger, "registry snapshot") { try await loadSnapshot(&sequence) }
        try await ready()
        // As many as the bus keeps for a slow reader; an event lost here is asked for like any other.
        let (inputs, sink) = AsyncStream.makeStream(
            of: Input.self,
            bufferingPolicy: .bufferingNewest(BusLimits.pendingEvents)
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                for await event in events { sink.yield(.event(event)) }
                sink.finish()
            }
            var isCheckComing = false
            for await input in inputs {
                let step: ChangeSequence.Step
                switch input {
                case .event(let event): step = sequence.take(event, now: .now)
                case .check:
                    isCheckComing = false
                    step = sequence.check(now: .now)
                }
                try await follow(step, &sequence)
                guard let deadline = sequence.deadline, !isCheckComing else { continue }
                isCheckComing = true
                group.addTask {
                    // Cancelled means that nobody waits for it any more.
                    guard (try? await Task.sleep(until: deadline)) != nil else { return }
                    sink.yield(.check)
                }
            }
            group.cancelAll()
        }
    }

    private func follow(_ step: ChangeSequence.Step, _ sequence: inout ChangeSequence) async throws {
        if !step.ready.isEmpty { _ = await engine.apply(step.ready) }
        guard let missing = step.missingAfter else { return }
        logger.debug("registry changes missing", metadata: [LogKey.version: "\(missing)"])
        try await Retry.untilDone(logger, "registry changes") { try await repair(&sequence) }
    }

    private func repair(_ sequence: inout ChangeSequence) async throws {
        repeat {
            let since = sequence.version
            let answer = try await bus.request(FetchChanges(since: since), tailnet: tailnet)
            guard let changes = answer.changes else { return try await loadSnapshot(&sequence) }
            if changes.isEmpty { return sequence.nothingIsMissing() }
            let receipt = await engine.apply(sequence.take(changes, now: .now).ready)
            // An answer that does not go on where we are would be asked for again and again.
            if receipt.missingAfter != nil || sequence.version == since { return try await loadSnapshot(&sequence) }
        } while sequence.deadline != nil
    }

    private func loadSnapshot(_ sequence: inout ChangeSequence) async throws {
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
        let step = sequence.restart(after: await engine.replicaVersion(), now: .now)
        if !step.ready.isEmpty { _ = await engine.apply(step.ready) }
    }
}
