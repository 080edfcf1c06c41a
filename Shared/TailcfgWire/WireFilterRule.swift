public import IPAddresses

/// One rule of a packet filter, evaluated by the destination.
///
/// A rule has destinations or capabilities: the Rust client refuses one with both or neither.
/// - Source: `tailcfg.FilterRule`.
public struct WireFilterRule: Hashable, Sendable {
    /// `*`, addresses, prefixes and ranges.
    public var sources: [String]
    public var destinations: [Destination]
    /// Empty: TCP, UDP and ICMP.
    public var protocols: [Int]
    public var capabilities: [CapabilityGrant]

    public init(
        sources: [String],
        destinations: [Destination],
        protocols: [Int] = [],
        capabilities: [CapabilityGrant] = []
    ) {
        self.sources = sources
        self.destinations = destinations
        self.protocols = protocols
        self.capabilities = capabilities
    }

    /// Addresses and a range of ports.
    public struct Destination: Hashable, Sendable {
        public var ip: String
        public var firstPort: UInt16
        public var lastPort: UInt16

        public init(ip: String, firstPort: UInt16, lastPort: UInt16) {
            self.ip = ip
            self.firstPort = firstPort
            self.lastPort = lastPort
        }
    }

    /// What the sources may do at some addresses of the destination.
    ///
    /// - Source: `tailcfg.CapGrant`.
    public struct CapabilityGrant: Hashable, Sendable {
        public var destinations: [IPPrefix]
        public var capabilities: CapabilityMap

        public init(destinations: [IPPrefix], capabilities: CapabilityMap) {
            self.destinations = destinations
            self.capabilities = capabilities
        }
    }

    /// Whether it allows something; otherwise it must not be sent.
    public var isUseful: Bool { !destinations.isEmpty || !capabilities.isEmpty }

    /// Everybody may reach everything: what holds while there is no policy.
    public static let allowAll = WireFilterRule(
        sources: ["*"],
        destinations: [Destination(ip: "*", firstPort: 0, lastPort: 65535)]
    )
}
