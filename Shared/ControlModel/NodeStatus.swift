public import Foundation
public import Keys

/// Fields of a node that follow from what its client and its gateway report; `nil` leaves a field as it is.
///
/// Written behind in batches, the last report of a node wins.
public struct NodeStatus: Hashable, Sendable, Codable {
    public var discoKey: DiscoPublicKey?
    public var hostinfo: Hostinfo?
    public var endpoints: [NodeEndpoint]?
    public var homeDERP: Int?
    public var capabilityVersion: CapabilityVersion?
    public var isOnline: Bool?
    public var lastSeen: Date?
    /// When `hostinfo` was reported.
    public var reportedAt: Date?

    public init(
        discoKey: DiscoPublicKey? = nil,
        hostinfo: Hostinfo? = nil,
        endpoints: [NodeEndpoint]? = nil,
        homeDERP: Int? = nil,
        capabilityVersion: CapabilityVersion? = nil,
        isOnline: Bool? = nil,
        lastSeen: Date? = nil,
        reportedAt: Date? = nil
    ) {
        self.discoKey = discoKey
        self.hostinfo = hostinfo
        self.endpoints = endpoints
        self.homeDERP = homeDERP
        self.capabilityVersion = capabilityVersion
        self.isOnline = isOnline
        self.lastSeen = lastSeen
        self.reportedAt = reportedAt
    }

    /// The later report on top of this one.
    public func merged(with later: NodeStatus) -> NodeStatus {
        NodeStatus(
            discoKey: later.discoKey ?? discoKey,
            hostinfo: later.hostinfo ?? hostinfo,
            endpoints: later.endpoints ?? endpoints,
            homeDERP: later.homeDERP ?? homeDERP,
            capabilityVersion: later.capabilityVersion ?? capabilityVersion,
            isOnline: later.isOnline ?? isOnline,
            lastSeen: later.lastSeen ?? lastSeen,
            reportedAt: later.reportedAt ?? reportedAt
        )
    }

    /// The node with this report in it; equal to `node` where the report says nothing new.
    public func applied(to node: Node) -> Node {
        var node = node
        if let discoKey { node.discoKey = discoKey }
        if let hostinfo { node.describe(hostinfo, at: reportedAt) }
        if let endpoints { node.endpoints = endpoints }
        if let homeDERP { node.homeDERP = homeDERP }
        if let capabilityVersion { node.capabilityVersion = capabilityVersion }
        if let isOnline { node.isOnline = isOnline }
        if let lastSeen { node.lastSeen = lastSeen }
        return node
    }
}
