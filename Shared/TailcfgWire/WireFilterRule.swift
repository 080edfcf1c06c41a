/// One rule of a packet filter, evaluated by the destination.
///
/// A rule has destinations or capabilities: clients refuse one with both.
/// - Source: `tailcfg.FilterRule`.
public struct WireFilterRule: Hashable, Sendable {
    /// `*`, addresses, prefixes and ranges.
    public var sources: [String]
    public var destinations: [Destination]
    /// Empty: TCP, UDP and ICMP.
    public var protocols: [Int]

    public init(sources: [String], destinations: [Destination], protocols: [Int] = []) {
        self.sources = sources
        self.destinations = destinations
        self.protocols = protocols
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

    /// Everybody may reach everything: what holds while there is no policy.
    public static let allowAll = WireFilterRule(
        sources: ["*"],
        destinations: [Destination(ip: "*", firstPort: 0, lastPort: 65535)]
    )
}
