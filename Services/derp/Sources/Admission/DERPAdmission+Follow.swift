import Bus
import ControlModel
import Keys
import Logging
import ServiceKit
import Synchronization

extension DERPAdmission {
    /// Keeps the copy like the registry's nodes, until the calling task is cancelled.
    ///
    /// - Parameter revoke: called with the keys of connected clients that an event ended, and with `nil` when the whole copy
    ///   was replaced and all clients must be checked.
    func follow(clock: any Clock<Duration>, revoke: @Sendable ([NodePublicKey]?) -> Void) async {
        while !Task.isCancelled {
            do {
                let events = try await bus.events(RegistryChanges.self, tailnet: tailnet)
                try await loadSnapshot()
                revoke(nil)
                for await event in events { try await take(event, revoke: revoke) }
            } catch {
                logger.warning("cannot follow the registry", metadata: [LogKey.error: "\(error)"])
            }
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: limits.retryInterval)
        }
    }

    private func take(_ event: RegistryChanges, revoke: @Sendable ([NodePublicKey]?) -> Void) async throws {
        guard case .applied(let revoked) = known.withLock({ $0.apply(event.changes, at: now()) }) else {
            return try await repair(revoke: revoke)
        }
        if !revoked.isEmpty { revoke(revoked) }
    }

    /// Fetches what is missing; a snapshot when it is too much.
    private func repair(revoke: @Sendable ([NodePublicKey]?) -> Void) async throws {
        while let version = known.withLock({ $0.version }) {
            let response = try await bus.request(FetchChanges(since: version), tailnet: tailnet)
            guard let changes = response.changes else { break }
            guard !changes.isEmpty else { return }
            guard case .applied(let revoked) = known.withLock({ $0.apply(changes, at: now()) }) else { break }
            if !revoked.isEmpty { revoke(revoked) }
            // An answer that brings nothing new would be asked for again and again.
            guard known.withLock({ $0.version }) != version else { break }
        }
        try await loadSnapshot()
        revoke(nil)
    }

    private func loadSnapshot() async throws {
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
    }
}
