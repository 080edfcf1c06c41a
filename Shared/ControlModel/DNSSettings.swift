/// Name resolution of a tailnet, the same for all its nodes.
public struct DNSSettings: Hashable, Sendable, Codable {
    public var isMagicDNSEnabled: Bool
    /// Suffix of node names, without trailing dot.
    public var baseDomain: String
    /// Resolvers for everything else: addresses or DNS-over-HTTPS URLs.
    public var nameservers: [String]
    /// Whether `nameservers` replace the device's own resolvers.
    public var overridesLocalDNS: Bool
    /// Domain suffix to its resolvers.
    public var splitNameservers: [String: [String]]
    /// Further search domains, after the base domain.
    public var searchDomains: [String]
    public var extraRecords: [DNSRecord]

    public init(
        isMagicDNSEnabled: Bool,
        baseDomain: String,
        nameservers: [String] = [],
        overridesLocalDNS: Bool = false,
        splitNameservers: [String: [String]] = [:],
        searchDomains: [String] = [],
        extraRecords: [DNSRecord] = []
    ) {
        self.isMagicDNSEnabled = isMagicDNSEnabled
        self.baseDomain = baseDomain
        self.nameservers = nameservers
        self.overridesLocalDNS = overridesLocalDNS
        self.splitNameservers = splitNameservers
        self.searchDomains = searchDomains
        self.extraRecords = extraRecords
    }
}

/// A further record that clients answer for.
///
/// - Source: `tailcfg.DNSRecord`.
public struct DNSRecord: Hashable, Sendable, Codable {
    public var name: String
    /// `A` or `AAAA`.
    public var type: String
    public var value: String

    public init(name: String, type: String, value: String) {
        self.name = name
        self.type = type
        self.value = value
    }
}
