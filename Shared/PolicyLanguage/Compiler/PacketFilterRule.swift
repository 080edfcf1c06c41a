public import IPAddresses

/// A rule of a node's packet filter.
///
/// - Source: `tailcfg.FilterRule`; a rule has destinations or capabilities, never both.
public struct PacketFilterRule: Hashable, Sendable {
    public var sources: SourceList
    public var destinations: [Destination] = []
    /// Empty: TCP, UDP and ICMP.
    public var protocols: [Int] = []
    public var capabilities: [CapabilityGrant] = []
    /// The rule of the policy this came from; several, where they were merged.
    public var origins: [Grant.Origin] = []

    /// An address, a prefix, a range or `*`, and ports.
    public struct Destination: Hashable, Sendable {
        public var ip: String
        public var ports: PortRange
    }

    /// Capabilities that the sources have towards some addresses of the node.
    public struct CapabilityGrant: Hashable, Sendable {
        /// Sorted.
        public var destinations: [IPPrefix]
        public var capabilities: [Capability]
    }

    /// A name and its values; no list of values at all for the answers to drive and relay.
    public struct Capability: Hashable, Sendable {
        public var name: String
        public var values: [JSONValue]?
    }
}
