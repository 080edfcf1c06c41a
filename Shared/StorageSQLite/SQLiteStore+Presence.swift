public import ControlModel
public import Foundation
public import Storage

extension SQLiteStore: PresenceStore {
    public func takePresence(
        _ report: PresenceReport,
        tailnet: TailnetID
    ) async throws(StorageError) -> PresenceReceipt {
        try await write { try PresenceBatch(connection: $0, tailnet: tailnet).take(report) }
    }

    public func presence(of tailnet: TailnetID) async throws(StorageError) -> PresenceSurvey {
        try await read { try PresenceTable(connection: $0, tailnet: tailnet).survey() }
    }

    public func endLease(
        of gateway: String,
        beat: Int64,
        lastSeen: Date,
        tailnet: TailnetID
    ) async throws(StorageError) -> [RegistryChange] {
        try await write {
            try PresenceBatch(connection: $0, tailnet: tailnet).endLease(of: gateway, beat: beat, lastSeen: lastSeen)
        }
    }

    public func endGrace(
        _ departures: [Departure],
        tailnet: TailnetID
    ) async throws(StorageError) -> [RegistryChange] {
        try await write { try PresenceBatch(connection: $0, tailnet: tailnet).endGrace(departures) }
    }

    public func idleEphemerals(
        lastSeenBy date: Date,
        limit: Int,
        tailnet: TailnetID
    ) async throws(StorageError) -> [Node] {
        try await read {
            try NodeTable(connection: $0, tailnet: tailnet).idleEphemerals(lastSeenBy: date, limit: limit)
        }
    }
}
