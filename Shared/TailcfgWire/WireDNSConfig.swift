public import ControlModel
public import IPAddresses

/// Name resolution as clients apply it.
///
/// - Source: `tailcfg.DNSConfig`.
public struct WireDNSConfig: Hashable, Sendable {
    /// Used for everything else, before the device's own.
    public var resolvers: [String] = []
    /// Used where the device has none of its own.
    public var fallbackResolvers: [String] = []
    /// By suffix without trailing dot, sorted; an empty list means the client answers itself.
    public var routes: [Route] = []
    /// Search domains; the first is the one that MagicDNS names end with.
    public var domains: [String] = []
    /// Whether the client answers for node names.
    public var isProxied = false
    public var extraRecords: [DNSRecord] = []

    /// Who answers for one suffix.
    public struct Route: Hashable, Sendable {
        public var suffix: String
        public var resolvers: [String]

        public init(suffix: String, resolvers: [String]) {
            self.suffix = suffix
            self.resolvers = resolvers
        }
    }

    public init() {}

    /// - Parameter prefixes: Where node addresses come from; MagicDNS answers for their reverse zones.
    public init(_ settings: DNSSettings, addressesFrom prefixes: [IPPrefix]) {
        isProxied = settings.isMagicDNSEnabled
        if settings.overridesLocalDNS {
            resolvers = settings.nameservers
        } else {
            fallbackResolvers = settings.nameservers
        }
        let base = settings.baseDomain.isEmpty ? [] : [settings.baseDomain]
        domains = base + settings.searchDomains.filter { $0 != settings.baseDomain }
        extraRecords = settings.extraRecords
        var routes = settings.splitNameservers
        if settings.isMagicDNSEnabled {
            for suffix in base + prefixes.flatMap(ReverseZones.names) { routes[suffix] = [] }
        }
        self.routes = routes.map(Route.init).sorted { $0.suffix < $1.suffix }
    }
}

extension JSONWriter {
    /// Writes the settings whole: clients replace what they have.
    public mutating func writeDNSConfig(_ config: WireDNSConfig) {
        beginObject()
        if !config.resolvers.isEmpty {
            key("Resolvers")
            writeResolvers(config.resolvers)
        }
        if !config.routes.isEmpty {
            key("Routes")
            beginObject()
            for route in config.routes {
                key(text: route.suffix)
                writeResolvers(route.resolvers)
            }
            endObject()
        }
        if !config.fallbackResolvers.isEmpty {
            key("FallbackResolvers")
            writeResolvers(config.fallbackResolvers)
        }
        field("Domains", config.domains)
        flag("Proxied", config.isProxied)
        if !config.extraRecords.isEmpty {
            key("ExtraRecords")
            beginArray()
            for record in config.extraRecords { writeRecord(record) }
            endArray()
        }
        endObject()
    }

    private mutating func writeResolvers(_ addresses: [String]) {
        beginArray()
        for address in addresses {
            beginObject()
            key("Addr")
            string(address)
            endObject()
        }
        endArray()
    }

    private mutating func writeRecord(_ record: DNSRecord) {
        beginObject()
        key("Name")
        string(record.name)
        field("Type", record.type)
        key("Value")
        string(record.value)
        endObject()
    }
}
