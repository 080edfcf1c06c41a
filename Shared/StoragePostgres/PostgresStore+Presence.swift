public import ControlModel
public import Foundation
public import Storage

extension PostgresStore: PresenceStore {
    public func takePresence(
        _ report: PresenceReport,
        tailnet: TailnetID
    ) async throws(StorageError) -> PresenceReceipt {
        try await queue.perform(in: tailnet) { try PresenceTransaction(tailnet: tailnet, turn: $0).take(report) }
    }

    public func presence(of tailnet: TailnetID) async throws(StorageError) -> PresenceSurvey {
        let table = PresenceTable(tailnet: tailnet)
        return try await read([.beginSnapshot, table.selectBeats(), table.selectMarks(), .commit]) { answers in
            PresenceSurvey(gateways: try table.beats(answers[1]), leaving: try table.marks(answers[2]))
        }
    }

    public func endLease(
        of gateway: String,
        beat: Int64,
        lastSeen: Date,
        tailnet: TailnetID
    ) async throws(StorageError) -> [RegistryChange] {
        try await queue.perform(in: tailnet) {
            try PresenceTransaction(tailnet: tailnet, turn: $0).endLease(of: gateway, beat: beat, lastSeen: lastSeen)
        }
    }

    public func endGrace(
        _ departures: [Departure],
        tailnet: TailnetID
    ) async throws(StorageError) -> [RegistryChange] {
        guard !departures.isEmpty else { return [] }
        return try await queue.perform(in: tailnet) {
            try PresenceTransaction(tailnet: tailnet, turn: $0).endGrace(departures)
        }
    }

    public func idleEphemerals(
        lastSeenBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        let table = NodeTable(tailnet: tailnet)
        let statement = table.selectIdleEphemerals(lastSeenBy: date, limit: limit)
        return try await read([statement]) { try $0[0].all("node", table.decode) }
    }
}
