public import ControlModel
public import Foundation
public import IPAddresses

// Administration of users, nodes and keys. Owner of those that do not say otherwise: registry.
// Asker: control-gateway (admin API).

public struct CreateUser: BusRequest, Hashable {
    public static let subject = "registry.user.create"
    public var name: String
    public var displayName: String
    public var email: String
    public var profilePictureURL: String

    public init(name: String, displayName: String = "", email: String = "", profilePictureURL: String = "") {
        self.name = name
        self.displayName = displayName
        self.email = email
        self.profilePictureURL = profilePictureURL
    }

    public typealias Response = User
}

public struct ListUsers: BusRequest, Hashable {
    public static let subject = "registry.user.list"

    public init() {}

    public typealias Response = [User]
}

public struct RenameUser: BusRequest, Hashable {
    public static let subject = "registry.user.rename"
    public var user: UserID
    public var name: String

    public init(user: UserID, name: String) {
        self.user = user
        self.name = name
    }

    public typealias Response = User
}

/// Says what a user may do; policies speak of roles.
public struct SetUserRole: BusRequest, Hashable {
    public static let subject = "registry.user.role"
    public var user: UserID
    public var role: UserRole

    public init(user: UserID, role: UserRole) {
        self.user = user
        self.role = role
    }

    public typealias Response = User
}

/// Refused while the user owns nodes.
public struct DeleteUser: BusRequest, Hashable {
    public static let subject = "registry.user.delete"
    public var user: UserID

    public init(user: UserID) {
        self.user = user
    }

    public typealias Response = Done
}

public struct GetNode: BusRequest, Hashable {
    public static let subject = "registry.node.get"
    public var node: NodeID

    public init(node: NodeID) {
        self.node = node
    }

    public typealias Response = Node
}

/// All nodes by id, or those of one user.
public struct ListNodes: BusRequest, Hashable {
    public static let subject = "registry.node.list"
    public var user: UserID?

    public init(user: UserID? = nil) {
        self.user = user
    }

    public typealias Response = [Node]
}

public struct DeleteNode: BusRequest, Hashable {
    public static let subject = "registry.node.delete"
    public var node: NodeID

    public init(node: NodeID) {
        self.node = node
    }

    public typealias Response = Done
}

/// Sets when the node key ends; `nil` means never.
public struct SetNodeExpiry: BusRequest, Hashable {
    public static let subject = "registry.node.expire"
    public var node: NodeID
    public var expiry: Date?

    public init(node: NodeID, expiry: Date?) {
        self.node = node
        self.expiry = expiry
    }

    public typealias Response = Node
}

/// Approves a device, or takes that back: then its node sees nobody, and nobody sees it.
public struct ApproveNode: BusRequest, Hashable {
    public static let subject = "registry.node.approve"
    public var node: NodeID
    public var isApproved: Bool

    public init(node: NodeID, isApproved: Bool = true) {
        self.node = node
        self.isApproved = isApproved
    }

    public typealias Response = Node
}

/// Replaces a node's tags; a node of a user becomes nobody's then, and its key no longer ends.
///
/// The policy must know the tags, and one must be left: without any the node would belong to nobody.
public struct SetNodeTags: BusRequest, Hashable {
    public static let subject = "registry.node.tags"
    public var node: NodeID
    public var tags: [String]

    public init(node: NodeID, tags: [String]) {
        self.node = node
        self.tags = tags
    }

    public typealias Response = Node
}

/// Sets the given name and pins it.
public struct RenameNode: BusRequest, Hashable {
    public static let subject = "registry.node.rename"
    public var node: NodeID
    public var name: String

    public init(node: NodeID, name: String) {
        self.node = node
        self.name = name
    }

    public typealias Response = Node
}

/// Sets which routes of a node are approved, in place of those that were; without any, none is.
///
/// A route to everywhere stands for both families. Routes may be approved before they are announced.
public struct SetNodeRoutes: BusRequest, Hashable {
    public static let subject = "registry.node.routes"
    public var node: NodeID
    public var routes: [IPPrefix]

    public init(node: NodeID, routes: [IPPrefix]) {
        self.node = node
        self.routes = routes
    }

    public typealias Response = Node
}

/// Gives a node addresses of its administrator's choice; `nil`: the one it has.
///
/// They must be among those that nodes get, and free.
public struct SetNodeAddresses: BusRequest, Hashable {
    public static let subject = "registry.node.addresses"
    public var node: NodeID
    public var ipv4: IPv4Address?
    public var ipv6: IPv6Address?

    public init(node: NodeID, ipv4: IPv4Address?, ipv6: IPv6Address?) {
        self.node = node
        self.ipv4 = ipv4
        self.ipv6 = ipv6
    }

    public typealias Response = Node
}

/// Gives nodes the addresses that they lack, others in place of those outside of the prefixes and of the policy's pools, and takes
/// those away that are of a family without a prefix.
public struct BackfillAddresses: BusRequest, Hashable {
    public static let subject = "registry.node.addresses.backfill"

    public init() {}

    public struct Response: Sendable, Codable, Hashable {
        /// What changed, in words.
        public var changes: [String]
        /// Whether that was all; if not, ask again.
        public var isComplete: Bool

        public init(changes: [String], isComplete: Bool) {
            self.changes = changes
            self.isComplete = isComplete
        }
    }
}

/// What ``BackfillAddresses`` would do now; nothing is written.
public struct PlanAddressBackfill: BusRequest, Hashable {
    public static let subject = "registry.node.addresses.plan"

    public init() {}

    public struct Response: Sendable, Codable, Hashable {
        /// In words; of the first nodes alone where they are many.
        public var changes: [String]
        /// Nodes that are concerned, all of them.
        public var nodes: Int

        public init(changes: [String], nodes: Int) {
            self.changes = changes
            self.nodes = nodes
        }
    }
}

/// A new auth key, for a user or with tags.
public struct CreateAuthKey: BusRequest, Hashable {
    public static let subject = "registry.authkey.create"
    public var user: UserID?
    public var tags: [String]
    public var isReusable: Bool
    public var isEphemeral: Bool
    /// Whether its nodes need no approval.
    @WhenAbsent<No> public var isPreapproved: Bool
    /// `nil`: an hour from now.
    public var expiry: Date?

    public init(
        user: UserID?,
        tags: [String] = [],
        isReusable: Bool,
        isEphemeral: Bool,
        isPreapproved: Bool = false,
        expiry: Date?
    ) {
        self.user = user
        self.tags = tags
        self.isReusable = isReusable
        self.isEphemeral = isEphemeral
        self._isPreapproved = WhenAbsent(wrappedValue: isPreapproved)
        self.expiry = expiry
    }

    public struct Response: Sendable, Codable, Hashable {
        public var key: AuthKey
        /// The whole key, this once.
        public var secret: String

        public init(key: AuthKey, secret: String) {
            self.key = key
            self.secret = secret
        }
    }
}

public struct ListAuthKeys: BusRequest, Hashable {
    public static let subject = "registry.authkey.list"

    public init() {}

    public typealias Response = [AuthKey]
}

/// Ends an auth key now; its nodes stay.
public struct ExpireAuthKey: BusRequest, Hashable {
    public static let subject = "registry.authkey.expire"
    public var key: AuthKeyID

    public init(key: AuthKeyID) {
        self.key = key
    }

    public typealias Response = Done
}

public struct DeleteAuthKey: BusRequest, Hashable {
    public static let subject = "registry.authkey.delete"
    public var key: AuthKeyID

    public init(key: AuthKeyID) {
        self.key = key
    }

    public typealias Response = Done
}

public struct CreateAPIKey: BusRequest, Hashable {
    public static let subject = "registry.apikey.create"
    /// `nil`: 90 days from now.
    public var expiry: Date?

    public init(expiry: Date?) {
        self.expiry = expiry
    }

    public struct Response: Sendable, Codable, Hashable {
        public var key: APIKey
        /// The whole key, this once.
        public var secret: String

        public init(key: APIKey, secret: String) {
            self.key = key
            self.secret = secret
        }
    }
}

public struct ListAPIKeys: BusRequest, Hashable {
    public static let subject = "registry.apikey.list"

    public init() {}

    public typealias Response = [APIKey]
}

/// Names an API key by id or by prefix, exactly one of them.
public struct ExpireAPIKey: BusRequest, Hashable {
    public static let subject = "registry.apikey.expire"
    public var id: APIKeyID?
    public var prefix: String?

    public init(id: APIKeyID?, prefix: String?) {
        self.id = id
        self.prefix = prefix
    }

    public typealias Response = Done
}

/// Names an API key by id or by prefix, exactly one of them.
public struct DeleteAPIKey: BusRequest, Hashable {
    public static let subject = "registry.apikey.delete"
    public var id: APIKeyID?
    public var prefix: String?

    public init(id: APIKeyID?, prefix: String?) {
        self.id = id
        self.prefix = prefix
    }

    public typealias Response = Done
}

/// Whether this is a valid API key; refused with `.unauthorized` when not.
public struct AuthenticateAPIKey: BusRequest, Hashable {
    public static let subject = "registry.apikey.authenticate"
    public var secret: String

    public init(secret: String) {
        self.secret = secret
    }

    public typealias Response = APIKey
}

/// Whether the registry and its database answer.
///
/// Owner: registry. Askers: control-gateway (health), registry (whether it can be reached).
public struct CheckRegistry: BusRequest, Hashable {
    public static let subject = "registry.check"

    public init() {}

    public typealias Response = Done
}
