/// What the policy means for the network, as far as gateways need it.
///
/// With only the allow-all policy there is one class of viewers; the shape is that of many.
public struct CompiledPolicy: Hashable, Sendable, Codable {
    /// Number of the policy document this was compiled from; 0 for none.
    public var revision: Int
    /// Rules of every node, in wire order.
    public var rules: [FilterRule]

    public init(revision: Int, rules: [FilterRule]) {
        self.revision = revision
        self.rules = rules
    }

    /// Everybody may reach everything: what holds while there is no policy.
    public static let allowAll = CompiledPolicy(
        revision: 0,
        rules: [FilterRule(sources: ["*"], destinations: [.init(ip: "*", firstPort: 0, lastPort: 65535)])]
    )
}

/// One rule of a packet filter, evaluated by the destination.
///
/// - Source: `tailcfg.FilterRule`.
public struct FilterRule: Hashable, Sendable, Codable {
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
    public struct Destination: Hashable, Sendable, Codable {
        public var ip: String
        public var firstPort: UInt16
        public var lastPort: UInt16

        public init(ip: String, firstPort: UInt16, lastPort: UInt16) {
            self.ip = ip
            self.firstPort = firstPort
            self.lastPort = lastPort
        }
    }
}
