/// All relays that clients may use.
///
/// - Source: `tailcfg.DERPMap`.
public struct DERPMap: Hashable, Sendable, Codable {
    /// Sorted by region id, one entry per id.
    public var regions: [DERPRegion]

    public init(regions: [DERPRegion] = []) {
        self.regions = regions
    }
}

/// Relays of one place, meshed with each other.
///
/// - Source: `tailcfg.DERPRegion`.
public struct DERPRegion: Hashable, Sendable, Codable {
    public var id: Int
    public var code: String
    public var name: String
    public var latitude: Double?
    public var longitude: Double?
    /// Clients neither measure it nor take it as home.
    public var noMeasureNoHome: Bool
    public var nodes: [DERPNode]

    public init(
        id: Int,
        code: String,
        name: String,
        latitude: Double? = nil,
        longitude: Double? = nil,
        noMeasureNoHome: Bool = false,
        nodes: [DERPNode]
    ) {
        self.id = id
        self.code = code
        self.name = name
        self.latitude = latitude
        self.longitude = longitude
        self.noMeasureNoHome = noMeasureNoHome
        self.nodes = nodes
    }
}

/// One relay.
///
/// - Source: `tailcfg.DERPNode`.
public struct DERPNode: Hashable, Sendable, Codable {
    /// Unique in its region, such as `900a`.
    public var name: String
    public var hostName: String
    /// Name in the certificate, or `sha256-raw:` and the hexadecimal SHA-256 of a pinned one; empty: `hostName`.
    public var certName: String
    /// Empty: by DNS.
    ///
    /// `none`: never over IPv4.
    public var ipv4: String
    /// Empty: by DNS.
    ///
    /// `none`: never over IPv6.
    public var ipv6: String
    /// 0 means 3478, -1 no STUN.
    public var stunPort: Int
    public var isSTUNOnly: Bool
    /// 0 means 443.
    public var derpPort: Int
    public var canPort80: Bool

    public init(
        name: String,
        hostName: String,
        certName: String = "",
        ipv4: String = "",
        ipv6: String = "",
        stunPort: Int = 0,
        isSTUNOnly: Bool = false,
        derpPort: Int = 0,
        canPort80: Bool = false
    ) {
        self.name = name
        self.hostName = hostName
        self.certName = certName
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.stunPort = stunPort
        self.isSTUNOnly = isSTUNOnly
        self.derpPort = derpPort
        self.canPort80 = canPort80
    }
}
