public import ControlModel

/// What a client tells of what its user did, for the audit log; the answer comes when it is in there.
///
/// Owner: registry. Asker: control-gateway. Loss: the client tells it again, and it may be in the log twice.
///
/// The asker vouches for the node, and cleans the texts.
public struct RecordClientEvent: BusRequest, Hashable {
    public static let subject = "registry.node.client-event"

    /// Longest action, in characters: capital letters and underscores.
    public static let actionLimit = 40
    /// Longest details, in characters.
    public static let detailsLimit = 500

    public var node: NodeID
    /// Such as `DISCONNECT_NODE`.
    public var action: String
    /// What the user gives as reason.
    public var details: String

    public init(node: NodeID, action: String, details: String) {
        self.node = node
        self.action = action
        self.details = details
    }

    public typealias Response = Done
}

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
