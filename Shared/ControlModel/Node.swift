public import Foundation
public import IPAddresses
public import Keys

/// A device of a tailnet, as the registry stores it.
public struct Node: Hashable, Sendable, Codable {
    public var id: NodeID
    public var tailnet: TailnetID
    /// Opaque, never reused; what clients keep on disk.
    public var stableID: String
    public var machineKey: MachinePublicKey
    public var nodeKey: NodePublicKey
    /// Zero until the first map request.
    public var discoKey: DiscoPublicKey
    /// Owner; `nil` for tagged nodes.
    public var user: UserID?
    /// Sorted; a node has a user or tags, never both.
    public var tags: [String]
    /// Name as the client sent it.
    public var hostname: String
    /// DNS label, unique in the tailnet.
    public var givenName: String
    /// Whether an administrator chose `givenName`, so that the client's hostname no longer changes it.
    public var isNamePinned: Bool
    public var ipv4: IPv4Address?
    public var ipv6: IPv6Address?
    public var hostinfo: Hostinfo
    public var endpoints: [NodeEndpoint]
    /// Home DERP region, 0 while unknown.
    public var homeDERP: Int
    public var capabilityVersion: CapabilityVersion
    public var registerMethod: RegisterMethod
    public var authKey: AuthKeyID?
    public var isEphemeral: Bool
    /// Whether somebody approved the device: until then it sees nobody, and nobody sees it.
    @WhenAbsent<Yes> public var isApproved: Bool
    /// When the node key ends; `nil` means never.
    public var expiry: Date?
    public var approvedRoutes: [IPPrefix]
    /// What decides between several routers of one route; `nil`: when they connected.
    public var routing: RoutingState?
    /// What somebody else than its client knows of the device, for policies; sorted by name, each name once.
    @WhenAbsent<Empty<[DeviceAttribute]>> public var attributes: [DeviceAttribute]
    /// What the device says of its hardware; `nil` until it was asked.
    public var postureIdentity: PostureIdentity?
    public var isOnline: Bool
    /// When the node was last connected; `nil` before its first map stream.
    public var lastSeen: Date?
    public var createdAt: Date
    /// Tailnet version of the last change to this row.
    public var version: Version

    public init(
        id: NodeID,
        tailnet: TailnetID,
        stableID: String,
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        discoKey: DiscoPublicKey = .zero,
        user: UserID?,
        tags: [String] = [],
        hostname: String,
        givenName: String,
        isNamePinned: Bool = false,
        ipv4: IPv4Address?,
        ipv6: IPv6Address?,
        hostinfo: Hostinfo = Hostinfo(),
        endpoints: [NodeEndpoint] = [],
        homeDERP: Int = 0,
        capabilityVersion: CapabilityVersion,
        registerMethod: RegisterMethod,
        authKey: AuthKeyID? = nil,
        isEphemeral: Bool = false,
        isApproved: Bool = true,
        expiry: Date? = nil,
        approvedRoutes: [IPPrefix] = [],
        routing: RoutingState? = nil,
        attributes: [DeviceAttribute] = [],
        isOnline: Bool = false,
        lastSeen: Date? = nil,
        createdAt: Date,
        version: Version = 0
    ) {
        self.id = id
        self.tailnet = tailnet
        self.stableID = stableID
        self.machineKey = machineKey
        self.nodeKey = nodeKey
        self.discoKey = discoKey
        self.user = user
        self.tags = tags
        self.hostname = hostname
        self.givenName = givenName
        self.isNamePinned = isNamePinned
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.hostinfo = hostinfo
        self.endpoints = endpoints
        self.homeDERP = homeDERP
        self.capabilityVersion = capabilityVersion
        self.registerMethod = registerMethod
        self.authKey = authKey
        self.isEphemeral = isEphemeral
        self._isApproved = WhenAbsent(wrappedValue: isApproved)
        self.expiry = expiry
        self.approvedRoutes = approvedRoutes
        self.routing = routing
        self._attributes = WhenAbsent(wrappedValue: attributes)
        self.isOnline = isOnline
        self.lastSeen = lastSeen
        self.createdAt = createdAt
        self.version = version
    }

    /// The node's own addresses as single prefixes, IPv4 first.
    public var addresses: [IPPrefix] {
        var list: [IPPrefix] = []
        if let ipv4 { list.append(IPPrefix(single: .v4(ipv4))) }
        if let ipv6 { list.append(IPPrefix(single: .v6(ipv6))) }
        return list
    }

    public var isTagged: Bool { !tags.isEmpty }

    public func isExpired(at now: Date) -> Bool {
        guard let expiry else { return false }
        return expiry <= now
    }
}

/// A UDP endpoint that a node reported, and how it learned it.
///
/// - Source: `tailcfg.MapRequest.Endpoints` and `EndpointTypes`.
public struct NodeEndpoint: Hashable, Sendable, Codable {
    public var endpoint: IPEndpoint
    /// 0 unknown, 1 local, 2 STUN, 3 port mapping, 4 STUN with local port, 5 explicit.
    public var type: Int

    public init(endpoint: IPEndpoint, type: Int) {
        self.endpoint = endpoint
        self.type = type
    }
}

/// How a node came into the tailnet.
public enum RegisterMethod: String, Hashable, Sendable, Codable, CaseIterable {
    case authKey
    case cli
    case oidc
}
