public import ControlModel
public import Foundation
public import Storage

extension PostgresStore: SSHConfirmationStore {
    public func confirmation(of check: SSHCheck, tailnet: TailnetID) async throws(StorageError) -> Date? {
        try await read([SSHConfirmationTable(tailnet: tailnet).select(check)]) { answers in
            try answers[0].first("SSH confirmation") { try $0.date() }
        }
    }

    /// May be done again when its connection breaks: the latest moment stays.
    public func confirm(_ check: SSHCheck, at moment: Date, tailnet: TailnetID) async throws(StorageError) {
        try await read([SSHConfirmationTable(tailnet: tailnet).upsert(check, moment)]) { _ in }
    }

    public func removeConfirmations(through limit: Date, tailnet: TailnetID) async throws(StorageError) {
        try await read([SSHConfirmationTable(tailnet: tailnet).delete(through: limit)]) { _ in }
    }
}
