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
    func follow(clock: any Clock<Duration>, revoke: @escaping @Sendable ([NodePublicKey]?) -> Void) async {
        let follower = ChangeFollower(
            bus: bus,
            tailnet: tailnet,
            logger: logger,
            backoff: Backoff(first: limits.retryInterval, cap: limits.retryInterval, jitter: 0),
            clock: clock
        )
        while !Task.isCancelled {
            do {
                try await follower.run(AdmissionCopy(admission: self, revoke: revoke))
            } catch {
                logger.warning("cannot follow the registry", metadata: [LogKey.error: "\(error)"])
            }
            // Cancellation is seen by the loop.
            try? await clock.sleep(for: limits.retryInterval)
        }
    }
}

/// The known nodes, as the follower of the registry sees them.
private struct AdmissionCopy: RegistryCopy {
    let admission: DERPAdmission
    let revoke: @Sendable ([NodePublicKey]?) -> Void

    func apply(_ changes: [RegistryChange]) async -> Bool {
        switch admission.known.withLock({ $0.apply(changes, at: admission.now()) }) {
        case .applied(let revoked):
            if !revoked.isEmpty { revoke(revoked) }
            return true
        case .gap:
            return false
        }
    }

    func replace(with snapshot: RegistrySnapshot) async -> Version {
        admission.known.withLock { $0.replace(with: snapshot.nodes, version: snapshot.version) }
        revoke(nil)
        return snapshot.version
    }
}
