/// Somebody who logs in by SSH from one node to another and must first say that it is them.
public struct SSHCheck: Hashable, Sendable, Codable {
    /// The node that the person sits at.
    public var source: NodeID
    /// The node that is logged in to, and asks.
    public var destination: NodeID
    /// Name of the account there.
    public var localUser: String

    public init(source: NodeID, destination: NodeID, localUser: String) {
        self.source = source
        self.destination = destination
        self.localUser = localUser
    }
}
