public import IPAddresses

/// A packet for which ``PolicyEngine/explain(_:)`` is asked.
public struct AccessQuestion: Hashable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    /// Without one, some port is enough.
    public var port: UInt16?
    public var `protocol`: IPProtocol?

    /// - Parameter protocol: without one, a protocol that every rule without protocols allows, as TCP.
    public init(source: IPAddress, destination: IPAddress, port: UInt16?, protocol: IPProtocol? = nil) {
        self.source = source
        self.destination = destination
        self.port = port
        self.protocol = `protocol`
    }
}

/// Whether a packet passes, and why.
public struct AccessDecision: Hashable, Sendable {
    public var isAllowed: Bool
    /// The rule that allows it, or the one that comes nearest to allowing it.
    public var rule: Grant.Origin?
    /// The name in the rule through which the source was found, such as a group.
    public var sourceName: Alias?
    /// The name in the rule through which the destination was found.
    public var destinationName: Alias?
    /// In words.
    public var reason: String
}
