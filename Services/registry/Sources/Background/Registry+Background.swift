import Bus
import ControlModel
import CoreMetrics
import Foundation
import Logging
import ServiceKit
import Storage
import Synchronization

extension Registry {
    func reportPresence(_ report: ReportPresence) throws -> ReportPresence.Response {
        let now = dependencies.uptime()
        let outcome = presence.withLock {
            $0.report(
                gateway: report.gateway,
                connected: report.connected,
                disconnected: report.disconnected,
                isComplete: report.isComplete,
                at: now
            )
        }
        guard let outcome else { throw RequestFailure(.exhausted, "too many gateways are known, try again") }
        perform(outcome.actions, at: now)
        return .init(wantsComplete: outcome.wantsComplete)
    }

    /// Ends what is over of leases and grace periods.
    func tickPresence() {
        let now = dependencies.uptime()
        perform(presence.withLock { $0.tick(at: now) }, at: now)
    }

    private func perform(_ actions: [Presence.Action], at now: Duration) {
        let date = dependencies.now()
        for action in actions {
            do {
                switch action {
                case .online(let node):
                    metrics.wentOnline.increment()
                    try statusWriter.add(NodeStatus(isOnline: true, lastSeen: date), of: node)
                case .offline(let node, let since):
                    metrics.wentOffline.increment()
                    let lastSeen = date.addingTimeInterval((since - now) / .seconds(1))
                    try statusWriter.add(NodeStatus(isOnline: false, lastSeen: lastSeen), of: node)
                }
            } catch {
                logger.error("presence of a node was lost", metadata: [LogKey.error: "\(error)"])
            }
        }
    }

    /// Removes ephemeral nodes that were away too long, each after a look at its row.
    func removeIdleEphemerals() async {
        let (now, timeout) = (dependencies.now(), configuration.ephemeralTimeout)
        for id in ephemerals.withLock({ $0.due(at: now, timeout: timeout) }) {
            do {
                try await removeIfIdle(id, at: now, timeout: timeout)
            } catch {
                logger.warning(
                    "an ephemeral node was not removed",
                    metadata: [LogKey.node: "\(id)", LogKey.error: "\(error)"]
                )
            }
        }
    }

    private func removeIfIdle(_ id: NodeID, at now: Date, timeout: Duration) async throws {
        let isRemoved = try await committing {
            guard let node = try await store.node(id, tailnet: tailnet) else { return .nothing(false) }
            ephemerals.withLock { $0.note(node) }
            guard EphemeralRoster.isDue(node, at: now, timeout: timeout) else { return .nothing(false) }
            // The replacement fails when the node came back in between; the pair is one batch.
            return Plan(writes: [.replaceNode(node), .deleteNode(id)], removed: node) { _ in true }
        }
        if isRemoved { metrics.ephemeralRemovals.increment() }
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
        for (node, status) in renames { try await rename(node, after: status) }
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
