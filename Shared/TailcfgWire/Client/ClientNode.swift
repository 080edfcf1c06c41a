public import ControlModel
public import Foundation
public import IPAddresses
public import Keys

/// A node as a client decodes it.
///
/// - Source: `tailcfg.Node`.
public struct ClientNode: Hashable, Sendable, Codable {
    public var id: Int64
    public var stableID: String
    public var name: String
    public var user: Int64
    public var key: NodePublicKey
    public var keyExpiry: Date?
    public var machine: MachinePublicKey?
    public var discoKey: DiscoPublicKey?
    public var addresses: [IPPrefix]
    public var allowedIPs: [IPPrefix]?
    public var endpoints: [IPEndpoint]?
    public var legacyDERP: String?
    public var homeDERP: Int?
    public var hostinfo: ClientHostinfo?
    public var created: Date?
    public var capabilityVersion: Int?
    public var tags: [String]?
    public var primaryRoutes: [IPPrefix]?
    public var lastSeen: Date?
    public var isOnline: Bool?
    public var isMachineAuthorized: Bool?
    public var capMap: [String: [AnyJSON]?]?
    public var isExpired: Bool?

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case stableID = "StableID"
        case name = "Name"
        case user = "User"
        case key = "Key"
        case keyExpiry = "KeyExpiry"
        case machine = "Machine"
        case discoKey = "DiscoKey"
        case addresses = "Addresses"
        case allowedIPs = "AllowedIPs"
        case endpoints = "Endpoints"
        case legacyDERP = "DERP"
        case homeDERP = "HomeDERP"
        case hostinfo = "Hostinfo"
        case created = "Created"
        case capabilityVersion = "Cap"
        case tags = "Tags"
        case primaryRoutes = "PrimaryRoutes"
        case lastSeen = "LastSeen"
        case isOnline = "Online"
        case isMachineAuthorized = "MachineAuthorized"
        case capMap = "CapMap"
        case isExpired = "Expired"
    }
}

/// The part of a Hostinfo that clients act on.
public struct ClientHostinfo: Hashable, Sendable, Codable {
    public var clientVersion: String?
    public var os: String?
    public var hostname: String?
    public var services: [Service]?
    public var routableIPs: [IPPrefix]?
    public var shieldsUp: Bool?
    public var sshHostKeys: [String]?
    public var netInfo: NetInfo?

    public struct Service: Hashable, Sendable, Codable {
        public var proto: String
        public var port: UInt16
        public var description: String?

        enum CodingKeys: String, CodingKey {
            case proto = "Proto"
            case port = "Port"
            case description = "Description"
        }
    }

    public struct NetInfo: Hashable, Sendable, Codable {
        public var preferredDERP: Int?

        enum CodingKeys: String, CodingKey {
            case preferredDERP = "PreferredDERP"
        }
    }

    enum CodingKeys: String, CodingKey {
        case clientVersion = "IPNVersion"
        case os = "OS"
        case hostname = "Hostname"
        case services = "Services"
        case routableIPs = "RoutableIPs"
        case shieldsUp = "ShieldsUp"
        case sshHostKeys
        case netInfo = "NetInfo"
    }
}

/// A change of a peer as a client decodes it; `nil` is "as before".
///
/// - Source: `tailcfg.PeerChange`.
public struct ClientPeerChange: Hashable, Sendable, Codable {
    public var node: Int64
    public var homeDERP: Int?
    public var capabilityVersion: Int?
    public var capMap: [String: [AnyJSON]?]?
    public var endpoints: [IPEndpoint]?
    public var key: NodePublicKey?
    public var discoKey: DiscoPublicKey?
    public var isOnline: Bool?
    public var lastSeen: Date?
    public var keyExpiry: Date?

    enum CodingKeys: String, CodingKey {
        case node = "NodeID"
        case homeDERP = "DERPRegion"
        case capabilityVersion = "Cap"
        case capMap = "CapMap"
        case endpoints = "Endpoints"
        case key = "Key"
        case discoKey = "DiscoKey"
        case isOnline = "Online"
        case lastSeen = "LastSeen"
        case keyExpiry = "KeyExpiry"
    }
}
