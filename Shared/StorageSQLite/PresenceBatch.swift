import ControlModel
import Foundation
import Storage

/// What a report, or the end of a lease, makes of presence; inside a transaction of the caller.
struct PresenceBatch {
    private let connection: SQLConnection
    private let tailnet: TailnetID
    private let table: PresenceTable

    init(connection: SQLConnection, tailnet: TailnetID) {
        self.connection = connection
        self.tailnet = tailnet
        table = PresenceTable(connection: connection, tailnet: tailnet)
    }

    func take(_ report: PresenceReport) throws -> PresenceReceipt {
        let gateway = report.gateway
        let known = try table.beat(of: gateway)
        if let known, let sequence = report.sequence, sequence <= known { return .outdated }
        if known == nil, try table.gatewayCount() >= PresenceSurvey.gatewayLimit { return .tooManyGateways }
        try table.write(report.sequence ?? (known ?? 0) + 1, of: gateway)

        let (added, removed) = try difference(report)
        var online: [NodeID] = []
        if !added.isEmpty { online = try table.hold(added, at: gateway) }
        if !removed.isEmpty { try table.letGo(removed, at: gateway) }
        let changes = try write(online.map { ($0, NodeStatus(isOnline: true, lastSeen: report.date)) })
        let isGap = known.map { known in report.sequence.map { $0 > known + 1 } ?? false } ?? true
        return .taken(changes: changes, wantsComplete: isGap && !report.isComplete)
    }

    func endLease(of gateway: String, beat: Int64, lastSeen: Date) throws -> [RegistryChange] {
        guard try table.beat(of: gateway) == beat else { return [] }
        let nodes = try table.heldOnly(by: gateway)
        try table.delete(gateway)
        return try write(nodes.map { ($0, NodeStatus(isOnline: false, lastSeen: lastSeen)) })
    }

    func endGrace(_ departures: [Departure]) throws -> [RegistryChange] {
        let ended = try departures.filter { try table.takeMark($0.mark, of: $0.node) }.sorted { $0.node < $1.node }
        return try write(ended.map { ($0.node, NodeStatus(isOnline: false, lastSeen: $0.lastSeen)) })
    }

    /// What the gateway holds from now on that it did not, and the other way round.
    ///
    /// A complete report names all that are held, so that one that was set offline meanwhile goes online again.
    private func difference(_ report: PresenceReport) throws -> (added: Set<NodeID>, removed: Set<NodeID>) {
        let connected = Set(report.connected)
        if report.isComplete {
            let held = try table.held(by: report.gateway)
            return (connected, held.subtracting(connected))
        }
        let wanted = connected.subtracting(report.disconnected)
        let named = wanted.union(report.disconnected)
        guard !named.isEmpty else { return ([], []) }
        let held = try table.held(by: report.gateway, among: named)
        return (wanted.subtracting(held), held.subtracting(wanted))
    }

    private func write(_ statuses: [(NodeID, NodeStatus)]) throws -> [RegistryChange] {
        guard !statuses.isEmpty else { return [] }
        return try CommitBatch.commit(
            statuses.map { .updateNodeStatus($0.0, $0.1) },
            tailnet: tailnet,
            in: connection
        )
    }
}
