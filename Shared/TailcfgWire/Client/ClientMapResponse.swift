public import ControlModel
public import Foundation
public import IPAddresses
public import NIOCore

/// A message of a map stream as a client decodes it; `nil` is "as before".
///
/// For the simulated node: as strict as the stricter of the real clients in what it knows.
/// - Source: `tailcfg.MapResponse`.
public struct ClientMapResponse: Hashable, Sendable, Codable {
    public var keepAlive: Bool?
    public var pingRequest: ClientPingRequest?
    public var node: ClientNode?
    public var derpMap: ClientDERPMap?
    public var peers: [ClientNode]?
    public var peersChanged: [ClientNode]?
    public var peersRemoved: [Int64]?
    public var peersChangedPatch: [ClientPeerChange]?
    public var peerSeenChange: [Int: Bool]?
    public var onlineChange: [Int: Bool]?
    public var dnsConfig: ClientDNSConfig?
    public var domain: String?
    public var collectServices: Bool?
    public var packetFilter: [ClientFilterRule]?
    /// By name; a value of `nil` removes the rules of that name, of `*` those of all names.
    public var packetFilters: [String: [ClientFilterRule]?]?
    public var userProfiles: [ClientUserProfile]?
    public var health: [String]?
    public var sshPolicy: ClientSSHPolicy?
    public var controlTime: Date?
    public var debug: Debug?
    public var clientVersion: ClientVersion?

    public struct Debug: Hashable, Sendable, Codable {
        public var disableLogTail: Bool?

        enum CodingKeys: String, CodingKey {
            case disableLogTail = "DisableLogTail"
        }
    }

    public struct ClientVersion: Hashable, Sendable, Codable {
        public var runningLatest: Bool?
        public var latestVersion: String?
        public var urgentSecurityUpdate: Bool?
        public var notify: Bool?
        public var notifyURL: String?
        public var notifyText: String?

        enum CodingKeys: String, CodingKey {
            case runningLatest = "RunningLatest"
            case latestVersion = "LatestVersion"
            case urgentSecurityUpdate = "UrgentSecurityUpdate"
            case notify = "Notify"
            case notifyURL = "NotifyURL"
            case notifyText = "NotifyText"
        }
    }

    /// Decodes one payload, after decompression.
    public static func decode(_ bytes: ByteBuffer) throws(TailcfgDecodingError) -> Self {
        try decodeAnswer(Self.self, bytes)
    }

    enum CodingKeys: String, CodingKey {
        case keepAlive = "KeepAlive"
        case pingRequest = "PingRequest"
        case node = "Node"
        case derpMap = "DERPMap"
        case peers = "Peers"
        case peersChanged = "PeersChanged"
        case peersRemoved = "PeersRemoved"
        case peersChangedPatch = "PeersChangedPatch"
        case peerSeenChange = "PeerSeenChange"
        case onlineChange = "OnlineChange"
        case dnsConfig = "DNSConfig"
        case domain = "Domain"
        case collectServices = "CollectServices"
        case packetFilter = "PacketFilter"
        case packetFilters = "PacketFilters"
        case userProfiles = "UserProfiles"
        case health = "Health"
        case sshPolicy = "SSHPolicy"
        case controlTime = "ControlTime"
        case debug = "Debug"
        case clientVersion = "ClientVersion"
    }
}

/// A server's question to the client; the first three are required by the Rust client.
///
/// - Source: `tailcfg.PingRequest`.
public struct ClientPingRequest: Hashable, Sendable, Codable {
    public var url: String
    public var urlIsNoise: Bool
    public var types: String
    /// Whom to ping.
    public var address: IPAddress?
    /// A whole HTTP/1.1 request.
    public var payload: Data?

    enum CodingKeys: String, CodingKey {
        case url = "URL"
        case urlIsNoise = "URLIsNoise"
        case types = "Types"
        case address = "IP"
        case payload = "Payload"
    }
}

/// Who may log in, as a client decodes it.
///
/// - Source: `tailcfg.SSHPolicy`.
public struct ClientSSHPolicy: Hashable, Sendable, Codable {
    public var rules: [AnyJSON]

    public init(rules: [AnyJSON]) {
        self.rules = rules
    }
}

/// A user as a client decodes it.
///
/// - Source: `tailcfg.UserProfile`.
public struct ClientUserProfile: Hashable, Sendable, Codable {
    public var id: Int64
    public var loginName: String?
    public var displayName: String?
    public var profilePictureURL: String?

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case loginName = "LoginName"
        case displayName = "DisplayName"
        case profilePictureURL = "ProfilePicURL"
    }
}
