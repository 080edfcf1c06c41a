public import ControlModel

/// Reads the audit log: who changed users, nodes and keys.
///
/// Owner: registry. Asker: control-gateway (admin API).
public struct ListAuditRecords: BusRequest, Hashable {
    public static let subject = "registry.audit.list"

    public var query: AuditQuery

    public init(query: AuditQuery) {
        self.query = query
    }

    /// Newest first.
    public typealias Response = [AuditRecord]
}
