public import ControlModel

/// The relays as a client decodes them.
///
/// - Source: `tailcfg.DERPMap`.
public struct ClientDERPMap: Hashable, Sendable, Codable {
    public var omitDefaultRegions: Bool?
    /// By region id; `nil` leaves the regions as they were.
    public var regions: [Int: Region]?

    enum CodingKeys: String, CodingKey {
        case omitDefaultRegions
        case regions = "Regions"
    }

    public struct Region: Hashable, Sendable, Codable {
        public var id: Int
        public var code: String
        public var name: String
        public var latitude: Double?
        public var longitude: Double?
        public var noMeasureNoHome: Bool?
        public var nodes: [Relay]?

        enum CodingKeys: String, CodingKey {
            case id = "RegionID"
            case code = "RegionCode"
            case name = "RegionName"
            case latitude = "Latitude"
            case longitude = "Longitude"
            case noMeasureNoHome = "NoMeasureNoHome"
            case nodes = "Nodes"
        }
    }

    public struct Relay: Hashable, Sendable, Codable {
        public var name: String
        public var region: Int
        public var hostName: String
        public var certName: String?
        public var ipv4: String?
        public var ipv6: String?
        public var stunPort: Int?
        public var isSTUNOnly: Bool?
        public var derpPort: Int?
        public var canPort80: Bool?

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case region = "RegionID"
            case hostName = "HostName"
            case certName = "CertName"
            case ipv4 = "IPv4"
            case ipv6 = "IPv6"
            case stunPort = "STUNPort"
            case isSTUNOnly = "STUNOnly"
            case derpPort = "DERPPort"
            case canPort80 = "CanPort80"
        }
    }
}

/// Name resolution as a client decodes it.
///
/// - Source: `tailcfg.DNSConfig`.
public struct ClientDNSConfig: Hashable, Sendable, Codable {
    public var resolvers: [Resolver]?
    /// `nil` and an empty list both mean that the client answers itself.
    public var routes: [String: [Resolver]?]?
    public var fallbackResolvers: [Resolver]?
    public var domains: [String]?
    public var isProxied: Bool?
    public var certDomains: [String]?
    public var extraRecords: [Record]?

    enum CodingKeys: String, CodingKey {
        case resolvers = "Resolvers"
        case routes = "Routes"
        case fallbackResolvers = "FallbackResolvers"
        case domains = "Domains"
        case isProxied = "Proxied"
        case certDomains = "CertDomains"
        case extraRecords = "ExtraRecords"
    }

    public struct Resolver: Hashable, Sendable, Codable {
        public var address: String

        enum CodingKeys: String, CodingKey {
            case address = "Addr"
        }
    }

    public struct Record: Hashable, Sendable, Codable {
        public var name: String
        public var type: String?
        public var value: String

        enum CodingKeys: String, CodingKey {
            case name = "Name"
            case type = "Type"
            case value = "Value"
        }
    }
}

/// A rule of a packet filter as a client decodes it.
///
/// - Source: `tailcfg.FilterRule`.
public struct ClientFilterRule: Hashable, Sendable, Codable {
    public var sources: [String]
    public var destinations: [Destination]?
    public var protocols: [Int]?
    public var capabilities: [CapabilityGrant]?

    enum CodingKeys: String, CodingKey {
        case sources = "SrcIPs"
        case destinations = "DstPorts"
        case protocols = "IPProto"
        case capabilities = "CapGrant"
    }

    public struct CapabilityGrant: Hashable, Sendable, Codable {
        public var destinations: [String]
        /// By name; no values at all are none.
        public var capabilities: [String: [AnyJSON]?]

        enum CodingKeys: String, CodingKey {
            case destinations = "Dsts"
            case capabilities = "CapMap"
        }
    }

    public struct Destination: Hashable, Sendable, Codable {
        public var ip: String
        public var ports: Ports

        enum CodingKeys: String, CodingKey {
            case ip = "IP"
            case ports = "Ports"
        }
    }

    public struct Ports: Hashable, Sendable, Codable {
        public var first: UInt16
        public var last: UInt16

        enum CodingKeys: String, CodingKey {
            case first = "First"
            case last = "Last"
        }
    }
}
