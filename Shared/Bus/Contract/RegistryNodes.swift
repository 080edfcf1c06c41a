public import ControlModel
public import Foundation
public import IPAddresses
public import Keys

/// The server's Noise key, the same for all gateways.
///
/// Owner: registry. Asker: control-gateway.
public struct FetchServerKey: BusRequest, Hashable {
    public static let subject = "registry.server-key.fetch"

    public init() {}

    public struct Response: Sendable, Codable {
        /// `privkey:` and 64 hexadecimal digits.
        ///
        /// A secret.
        public var noiseKey: String

        public init(noiseKey: String) {
            self.noiseKey = noiseKey
        }
    }
}

/// A client wants in, renews its key, or logs out.
///
/// Owner: registry. Asker: control-gateway.
///
/// The asker vouches for `machineKey`. Idempotent: the same request twice gives the same node.
public struct RegisterNode: BusRequest, Hashable {
    public static let subject = "registry.node.register"

    public var machineKey: MachinePublicKey
    public var nodeKey: NodePublicKey
    /// The key that `nodeKey` replaces; `nil` if none.
    public var oldNodeKey: NodePublicKey?
    /// Text of the auth key; `nil` if none was given.
    public var authKey: String?
    public var hostinfo: Hostinfo
    public var isEphemeral: Bool
    /// Expiry that the client asks for; in the past: log out.
    public var expiry: Date?
    public var capabilityVersion: CapabilityVersion
    /// The login that the client has been sent to and waits for; `nil` if none.
    public var followup: LoginID?
    /// Where the request comes from, for limits; `nil` where unknown.
    public var source: String?

    public init(
        machineKey: MachinePublicKey,
        nodeKey: NodePublicKey,
        oldNodeKey: NodePublicKey?,
        authKey: String?,
        hostinfo: Hostinfo,
        isEphemeral: Bool,
        expiry: Date?,
        capabilityVersion: CapabilityVersion,
        followup: LoginID? = nil,
        source: String? = nil
    ) {
        self.machineKey = machineKey
        self.nodeKey = nodeKey
        self.oldNodeKey = oldNodeKey
        self.authKey = authKey
        self.hostinfo = hostinfo
        self.isEphemeral = isEphemeral
        self.expiry = expiry
        self.capabilityVersion = capabilityVersion
        self.followup = followup
        self.source = source
    }

    public enum Response: Sendable, Codable, Hashable {
        /// The node is in; `user` is its owner, `nil` for a tagged node.
        case registered(node: Node, user: User?)
        /// The node key has expired: the client makes a new one and asks again.
        case keyExpired(node: Node, user: User?)
        /// Logged out; `node` is `nil` where there was none or it was deleted.
        case loggedOut(node: Node?)
        /// A person must admit this node, at the page of `login`; `nil` from registries that have no such pages.
        case loginRequired(login: LoginID?)
        /// Shown to the client's user.
        case refused(String)
    }
}

/// A node by its current node key.
///
/// Owner: registry. Askers: control-gateway, derp (nodes not in their copy yet).
public struct LookupNode: BusRequest, Hashable {
    public static let subject = "registry.node.lookup"

    public var nodeKey: NodePublicKey

    public init(nodeKey: NodePublicKey) {
        self.nodeKey = nodeKey
    }

    public struct Response: Sendable, Codable, Hashable {
        public var node: Node?

        public init(node: Node?) {
            self.node = node
        }
    }
}

/// What clients reported to a gateway.
///
/// Owner: registry. Asker: control-gateway. Loss: the gateway reports again what its copy does not show.
///
/// The answer means "taken", not "written": reports are written behind in batches.
public struct ReportNodeStatus: BusRequest, Hashable {
    public static let subject = "registry.node.status"

    public var node: NodeID
    public var status: NodeStatus

    public init(node: NodeID, status: NodeStatus) {
        self.node = node
        self.status = status
    }

    public typealias Response = Done
}

/// Routes of a node that the policy approves, beside those that are approved; what the node does not announce is passed over.
///
/// Owner: registry. Asker: policy. Loss: the policy service asks again for what its copy does not show.
public struct ApproveNodeRoutes: BusRequest, Hashable {
    public static let subject = "registry.node.routes.approve"

    public var node: NodeID
    public var routes: [IPPrefix]

    public init(node: NodeID, routes: [IPPrefix]) {
        self.node = node
        self.routes = routes
    }

    public typealias Response = Done
}

/// Which routers do not answer any more, and which do again; those that are not connected are passed over.
///
/// Owner: registry. Asker: control-gateway. Loss: the gateway finds the same in its next round.
public struct ReportRouterHealth: BusRequest, Hashable {
    public static let subject = "registry.router.health"

    public var healthy: [NodeID]
    public var unhealthy: [NodeID]

    public init(healthy: [NodeID], unhealthy: [NodeID]) {
        self.healthy = healthy
        self.unhealthy = unhealthy
    }

    public typealias Response = Done
}

/// Which nodes hold a map stream at a gateway: a level, repeated as a lease.
///
/// Owner: registry. Asker: control-gateway. Loss: the next report.
///
/// A node is online while some gateway's latest report holds it. One that leaves every report goes offline after a grace
/// period; a gateway that does not report for the length of its lease is taken as gone, with its nodes.
public struct ReportPresence: BusRequest, Hashable {
    public static let subject = "registry.presence.report"

    /// Unique to one start of one gateway.
    public var gateway: String
    /// Grows by one with each report of this gateway, so that a report that comes late undoes nothing; `nil`: not counted.
    public var sequence: Int64?
    /// Nodes that connected since the last report.
    public var connected: [NodeID]
    /// Nodes that disconnected since the last report.
    public var disconnected: [NodeID]
    /// Whether `connected` lists all that are connected now.
    public var isComplete: Bool

    public init(
        gateway: String,
        sequence: Int64? = nil,
        connected: [NodeID],
        disconnected: [NodeID],
        isComplete: Bool
    ) {
        self.gateway = gateway
        self.sequence = sequence
        self.connected = connected
        self.disconnected = disconnected
        self.isComplete = isComplete
    }

    public struct Response: Sendable, Codable, Hashable {
        /// Reports of this gateway before this one are missing, or its lease had ended: send a complete report.
        public var wantsComplete: Bool

        public init(wantsComplete: Bool) {
            self.wantsComplete = wantsComplete
        }
    }
}
