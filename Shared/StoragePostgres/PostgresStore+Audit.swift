public import ControlModel
public import Foundation
public import Storage

extension PostgresStore {
    public func auditRecords(_ query: AuditQuery, tailnet: TailnetID) async throws(StorageError) -> [AuditRecord] {
        let table = AuditTable(tailnet: tailnet)
        return try await read([table.select(query)]) { try table.records($0[0]) }
    }

    public func trimAuditRecords(before date: Date, tailnet: TailnetID) async throws(StorageError) {
        let table = AuditTable(tailnet: tailnet)
        _ = try await read([table.delete(before: date)]) { _ in }
    }
}
