public import ControlModel
public import Foundation
public import Storage

extension SQLiteStore: SSHConfirmationStore {
    public func confirmation(of check: SSHCheck, tailnet: TailnetID) async throws(StorageError) -> Date? {
        try await read { try SSHConfirmationTable(connection: $0, tailnet: tailnet).find(check) }
    }

    public func confirm(_ check: SSHCheck, at moment: Date, tailnet: TailnetID) async throws(StorageError) {
        try await write { try SSHConfirmationTable(connection: $0, tailnet: tailnet).upsert(check, moment) }
    }

    public func removeConfirmations(through limit: Date, tailnet: TailnetID) async throws(StorageError) {
        try await write { try SSHConfirmationTable(connection: $0, tailnet: tailnet).delete(through: limit) }
    }
}
