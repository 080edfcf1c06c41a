public import IPAddresses

/// What a client says about itself.
///
/// Fields that only the client's own service uses (log ids, push tokens) are not kept. Empty means "not sent".
/// - Source: `tailcfg.Hostinfo`.
public struct Hostinfo: Hashable, Sendable, Codable {
    public var clientVersion = ""
    public var os = ""
    public var osVersion = ""
    public var distro = ""
    public var distroVersion = ""
    public var distroCodeName = ""
    public var env = ""
    public var app = ""
    public var package = ""
    public var deviceModel = ""
    public var hostname = ""
    public var machine = ""
    public var goArch = ""
    public var goVersion = ""
    public var cloud = ""
    public var container: Bool?
    public var desktop: Bool?
    public var userspace: Bool?
    public var userspaceRouter: Bool?
    public var appConnector: Bool?
    public var shieldsUp = false
    public var shareeNode = false
    public var wireIngress = false
    public var ingressEnabled = false
    public var allowsUpdate = false
    public var peerRelay = false
    public var stateEncrypted: Bool?
    public var exitNodeID = ""
    public var servicesHash = ""
    public var routableIPs: [IPPrefix] = []
    public var requestTags: [String] = []
    public var wakeOnLANMACs: [String] = []
    public var services: [HostService] = []
    public var sshHostKeys: [String] = []
    public var location: HostLocation?
    public var netInfo: NetInfo?

    public init() {}
}

/// A service that a node offers, peerapi ports among them.
///
/// - Source: `tailcfg.Service`.
public struct HostService: Hashable, Sendable, Codable {
    /// `tcp`, `udp`, `peerapi4`, `peerapi6` or `peerapi-dns-proxy`.
    public var proto: String
    public var port: UInt16
    public var description: String

    public init(proto: String, port: UInt16, description: String = "") {
        self.proto = proto
        self.port = port
        self.description = description
    }
}

/// Where a node is.
///
/// - Source: `tailcfg.Location`.
public struct HostLocation: Hashable, Sendable, Codable {
    public var country = ""
    public var countryCode = ""
    public var city = ""
    public var cityCode = ""
    public var latitude = 0.0
    public var longitude = 0.0
    public var priority = 0

    public init() {}
}

/// What a client found out about its network.
///
/// Latencies are not kept: they jitter and nothing here decides on them.
/// - Source: `tailcfg.NetInfo`.
public struct NetInfo: Hashable, Sendable, Codable {
    public var mappingVariesByDestIP: Bool?
    public var workingIPv6: Bool?
    public var osHasIPv6: Bool?
    public var workingUDP: Bool?
    public var workingICMPv4: Bool?
    public var havePortMap = false
    public var upnp: Bool?
    public var pmp: Bool?
    public var pcp: Bool?
    public var preferredDERP = 0
    public var linkType = ""
    public var firewallMode = ""

    public init() {}
}
