public import ControlModel
public import Foundation
public import Storage

extension SQLiteStore {
    public func auditRecords(_ query: AuditQuery, tailnet: TailnetID) async throws(StorageError) -> [AuditRecord] {
        try await read { try AuditTable(connection: $0, tailnet: tailnet).read(query) }
    }

    public func trimAuditRecords(before date: Date, tailnet: TailnetID) async throws(StorageError) {
        try await write { try AuditTable(connection: $0, tailnet: tailnet).trim(before: date) }
    }
}
