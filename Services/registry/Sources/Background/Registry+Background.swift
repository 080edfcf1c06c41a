import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage
import Synchronization

extension Registry {
    /// Idle ephemeral nodes looked at in one round.
    private static let ephemeralsPerRound = 1000

    /// Removes ephemeral nodes that were away too long; where several registries do so, one wins.
    func removeIdleEphemerals() async {
        let now = dependencies.now()
        let limit = now.addingTimeInterval(-(configuration.ephemeralTimeout / .seconds(1)))
        let arrival = max(configuration.ephemeralTimeout, configuration.ephemeralArrival)
        let arrivalLimit = now.addingTimeInterval(-(arrival / .seconds(1)))
        do {
            let idle = try await store.idleEphemerals(
                lastSeenBy: limit,
                limit: Self.ephemeralsPerRound,
                tailnet: tailnet
            )
            for node in idle {
                await AuditAction.$current.withValue(AuditAction.ephemeralTimeout) {
                    await removeIfIdle(node, since: limit, arrivedBy: arrivalLimit)
                }
            }
        } catch {
            logger.warning("ephemeral nodes were not looked at", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Nodes that were never connected have a time of their own: on a busy start their first connection takes a while.
    private func removeIfIdle(_ found: Node, since limit: Date, arrivedBy arrival: Date) async {
        do {
            let isRemoved = try await committing {
                guard let node = try await store.node(found.id, tailnet: tailnet), node.isEphemeral, !node.isOnline,
                    node.lastSeen.map({ $0 <= limit }) ?? (node.createdAt <= arrival)
                else { return .nothing(false) }
                // The replacement fails when the node came back in between; the pair is one batch.
                return Plan(writes: [.replaceNode(node), .deleteNode(node.id)], removed: node) { _ in true }
            }
            if isRemoved { metrics.ephemeralRemovals.increment() }
        } catch {
            logger.warning(
                "an ephemeral node was not removed",
                metadata: [LogKey.node: "\(found.id)", LogKey.error: "\(error)"]
            )
        }
    }

    /// Forgets what the audit log need not tell any more.
    func trimAudit() async {
        guard let retention = configuration.auditRetention else { return }
        do {
            let limit = dependencies.now().addingTimeInterval(-(retention / .seconds(1)))
            try await store.trimAuditRecords(before: limit, tailnet: tailnet)
        } catch {
            logger.warning("the audit log was not trimmed", metadata: [LogKey.error: "\(error)"])
        }
    }

    /// Keeps the change log at its length.
    func trimChanges() async {
        do {
            let version = try await store.version(of: tailnet)
            guard version > configuration.changeLogLength else { return }
            try await store.trimChanges(through: version - configuration.changeLogLength, tailnet: tailnet)
        } catch {
            logger.warning("the change log was not trimmed", metadata: [LogKey.error: "\(error)"])
        }
    }
}

extension Registry {
    /// Writes a batch of reports; `false` when the database is away and it must be tried again.
    func write(_ batch: StatusWriter.Batch) async -> Bool {
        do {
            try await commitReports(batch)
            return true
        } catch StorageError.unavailable, StorageError.cancelled {
            metrics.statusWriteFailures.increment()
            logger.warning("reports about nodes wait for the database")
            return false
        } catch {
            guard batch.count > 1 else {
                metrics.statusWriteFailures.increment()
                logger.error(
                    "a report about a node was lost",
                    metadata: [LogKey.node: "\(batch.map(\.node))", LogKey.error: "\(error)"]
                )
                return true
            }
            // One bad row must not hold up the others.
            for report in batch where await !write([report]) { return false }
            return true
        }
    }

    private func commitReports(_ batch: StatusWriter.Batch) async throws {
        var renames: [(node: NodeID, status: NodeStatus)] = []
        var writes: [RegistryWrite] = []
        for (node, status) in batch {
            if try await changesHostname(node, status) {
                renames.append((node, status))
            } else {
                writes.append(.updateNodeStatus(node, status))
            }
        }
        _ = try await commit(writes)
        for (node, status) in renames {
            try await AuditAction.$current.withValue(AuditAction.hostnameChange) {
                try await rename(node, after: status)
            }
        }
    }

    private func changesHostname(_ id: NodeID, _ status: NodeStatus) async throws -> Bool {
        guard let hostname = status.hostinfo?.hostname, !hostname.isEmpty,
            let node = try await store.node(id, tailnet: tailnet)
        else { return false }
        return node.hostname != hostname
    }

    private func rename(_ id: NodeID, after status: NodeStatus) async throws {
        try await committing {
            guard let old = try await store.node(id, tailnet: tailnet) else { return .nothing(()) }
            var node = status.applied(to: old)
            node.hostname = node.hostinfo.hostname
            let reservation = try await rename(&node)
            return Plan(writes: [.replaceNode(node)], reservation: reservation) { _ in }
        }
    }
}
