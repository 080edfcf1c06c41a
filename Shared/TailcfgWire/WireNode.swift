public import ControlModel
public import Foundation
public import IPAddresses
public import Keys

/// A node as clients see it: two that are equal make the same bytes.
///
/// - Source: `tailcfg.Node`.
public struct WireNode: Hashable, Sendable {
    public var id: Int64
    public var stableID: String
    /// Full name with a trailing dot.
    public var name: String
    public var user: Int64
    public var key: NodePublicKey
    /// `nil` means never.
    public var keyExpiry: Date?
    public var machine: MachinePublicKey
    public var discoKey: DiscoPublicKey
    /// The node's own, IPv4 first; the Rust client refuses a message where it is not one of each.
    public var addresses: [IPPrefix]
    /// Its own and those it routes.
    public var allowedIPs: [IPPrefix]
    public var endpoints: [IPEndpoint]
    /// 0 while unknown.
    public var homeDERP: Int
    public var hostinfo: Hostinfo
    public var created: Date
    public var capabilityVersion: CapabilityVersion
    public var tags: [String]
    public var primaryRoutes: [IPPrefix]
    /// `nil` while online.
    public var lastSeen: Date?
    /// `nil` when the viewer may not know.
    public var isOnline: Bool?
    public var isMachineAuthorized: Bool
    public var capMap: CapabilityMap
    public var isExpired: Bool

    /// For whom a node is written.
    public enum Form: Hashable, Sendable {
        /// For other nodes: only that part of the Hostinfo that they act on.
        case peer
        /// For the node itself: all that is known of its Hostinfo.
        case selfNode
    }

    /// - Parameters:
    ///   - name: Full name with a trailing dot.
    ///   - isOnline: Other than what the node's row says, where the caller knows better.
    public init(
        _ node: Node,
        as form: Form,
        name: String,
        allowedIPs: [IPPrefix],
        primaryRoutes: [IPPrefix] = [],
        isOnline: Bool? = nil,
        capMap: CapabilityMap = [:],
        isExpired: Bool = false,
        isMachineAuthorized: Bool = true
    ) {
        id = node.id.rawValue
        stableID = node.stableID
        self.name = name
        user = node.user?.rawValue ?? User.taggedDevicesID
        key = node.nodeKey
        keyExpiry = node.expiry
        machine = node.machineKey
        discoKey = node.discoKey
        addresses = node.addresses
        self.allowedIPs = allowedIPs
        endpoints = node.endpoints.map(\.endpoint)
        homeDERP = node.homeDERP
        hostinfo = form == .peer ? node.hostinfo.forPeers : node.hostinfo
        created = node.createdAt
        capabilityVersion = node.capabilityVersion
        tags = node.tags
        self.primaryRoutes = primaryRoutes
        self.isOnline = isOnline ?? node.isOnline
        lastSeen = isOnline ?? node.isOnline ? nil : node.lastSeen
        self.isMachineAuthorized = isMachineAuthorized
        self.capMap = capMap
        self.isExpired = isExpired
    }
}

extension Hostinfo {
    /// What peers act on or show: not the network report, not the versions, not the device.
    public var forPeers: Hostinfo {
        var part = Hostinfo()
        part.os = os
        part.hostname = hostname
        part.app = app
        part.services = services
        part.routableIPs = routableIPs
        part.shieldsUp = shieldsUp
        part.shareeNode = shareeNode
        part.appConnector = appConnector
        part.peerRelay = peerRelay
        part.sshHostKeys = sshHostKeys
        part.location = location
        return part
    }
}
