import Bus
import ControlModel
import Keys
import Logging
import ServiceKit
import Synchronization

extension DERPAdmission {
    private enum Input: Sendable {
        case event(RegistryChanges)
        /// Something has been missing for long enough.
        case check
    }

    /// Keeps the copy like the registry's nodes, until the calling task is cancelled.
    ///
    /// - Parameter revoke: called with the keys of connected clients that an event ended, and with `nil` when the whole copy
    ///   was replaced and all clients must be checked.
    func follow(clock: any Clock<Duration>, revoke: @Sendable ([NodePublicKey]?) -> Void) async {
        while !Task.isCancelled {
            do {
                let events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
                var sequence = ChangeSequence(after: 0)
                try await loadSnapshot(&sequence, revoke: revoke)
                try await follow(events, &sequence, revoke: revoke)
            } catch {
                logger.warning("cannot follow the registry", metadata: [LogKey.error: "\(error)"])
            }
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: limits.retryInterval)
        }
    }

    private func follow(
        _ events: AsyncStream<RegistryChanges>,
        _ sequence: inout ChangeSequence,
        revoke: @Sendable ([NodePublicKey]?) -> Void
    ) async throws {
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
                try apply(step.ready, revoke: revoke)
                if step.missingAfter != nil { try await repair(&sequence, revoke: revoke) }
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

    private func apply(_ changes: [RegistryChange], revoke: @Sendable ([NodePublicKey]?) -> Void) throws {
        guard !changes.isEmpty else { return }
        switch known.withLock({ $0.apply(changes, at: now()) }) {
        case .applied(let revoked):
            if !revoked.isEmpty { revoke(revoked) }
        case .gap: throw GapInSequence()
        }
    }

    /// Fetches what is missing; a snapshot when it is too much.
    private func repair(
        _ sequence: inout ChangeSequence,
        revoke: @Sendable ([NodePublicKey]?) -> Void
    ) async throws {
        repeat {
            let since = sequence.version
            let response = try await bus.request(FetchChanges(since: since), tailnet: tailnet)
            guard let changes = response.changes else { return try await loadSnapshot(&sequence, revoke: revoke) }
            if changes.isEmpty { return sequence.nothingIsMissing() }
            try apply(sequence.take(changes, now: .now).ready, revoke: revoke)
            // An answer that does not go on where we are would be asked for again and again.
            if sequence.version == since { return try await loadSnapshot(&sequence, revoke: revoke) }
        } while sequence.deadline != nil
    }

    private func loadSnapshot(
        _ sequence: inout ChangeSequence,
        revoke: @Sendable ([NodePublicKey]?) -> Void
    ) async throws {
        var nodes: [Node] = []
        let first = try await bus.request(FetchSnapshot(), tailnet: tailnet)
        nodes += first.nodes
        var next = first.next
        while let after = next {
            let part = try await bus.request(FetchSnapshot(after: after), tailnet: tailnet)
            nodes += part.nodes
            // Parts go upwards; a registry at fault must not keep us here for ever.
            next = part.next.flatMap { $0 > after ? $0 : nil }
        }
        known.withLock { $0.replace(with: nodes, version: first.version) }
        try apply(sequence.restart(after: first.version, now: .now).ready, revoke: revoke)
        revoke(nil)
    }
}

/// The copy and the sequence disagree, which they never should: following begins anew, with a snapshot.
private struct GapInSequence: Error {}
