public import ControlModel

/// An administrator sends a client a request: recorded in the audit log before it is sent.
///
/// Owner: registry. Asker: control-gateway (admin API). Loss: the administrator asks again; it may be in the log twice.
public struct RecordClientQuestion: BusRequest, Hashable {
    public static let subject = "registry.node.ask"

    /// Longest method and path, in bytes.
    public static let methodLimit = 128
    public static let pathLimit = 2048

    public var node: NodeID
    public var method: String
    /// With query.
    public var path: String

    public init(node: NodeID, method: String, path: String) {
        self.node = node
        self.method = method
        self.path = path
    }

    /// The node that is asked, as it is now.
    public typealias Response = Node
}
