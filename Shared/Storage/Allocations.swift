public import IPAddresses

/// What a tailnet has given out.
public struct Allocations: Hashable, Sendable {
    /// The lowest ids never used; ids are not used twice, even after deletion.
    public var nextUserID: Int64
    public var nextNodeID: Int64
    public var nextAuthKeyID: Int64
    public var nextAPIKeyID: Int64
    /// Addresses of nodes.
    public var used: Set<IPAddress>
    /// Addresses of deleted nodes that no node has now, longest free first.
    public var released: [IPAddress]

    public init(
        nextUserID: Int64 = 1,
        nextNodeID: Int64 = 1,
        nextAuthKeyID: Int64 = 1,
        nextAPIKeyID: Int64 = 1,
        used: Set<IPAddress> = [],
        released: [IPAddress] = []
    ) {
        self.nextUserID = nextUserID
        self.nextNodeID = nextNodeID
        self.nextAuthKeyID = nextAuthKeyID
        self.nextAPIKeyID = nextAPIKeyID
        self.used = used
        self.released = released
    }
}
