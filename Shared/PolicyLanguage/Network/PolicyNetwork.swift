public import IPAddresses

/// The people and nodes of a tailnet, as far as a policy speaks of them.
public struct PolicyNetwork: Hashable, Sendable {
    public var users: [PolicyUser]
    public var nodes: [PolicyNode]
    /// E-mail domains that belong to the tailnet, lower case, for `user:*@` and `localpart:*@`.
    public var domains: Set<String>

    public init(users: [PolicyUser], nodes: [PolicyNode], domains: Set<String>) {
        self.users = users
        self.nodes = nodes
        self.domains = domains
    }

    /// A network whose domains are those of its owners, as the service starts a tailnet.
    public init(users: [PolicyUser], nodes: [PolicyNode]) {
        let domains = users.filter { $0.role == .owner }.compactMap(\.domain)
        self.init(users: users, nodes: nodes, domains: Set(domains))
    }
}

/// What a person may do in the administration of the tailnet.
public enum UserRole: String, Hashable, Sendable, CaseIterable {
    case admin
    case auditor
    case billingAdmin = "billing-admin"
    case itAdmin = "it-admin"
    case member
    case networkAdmin = "network-admin"
    case owner
}

/// A user, as far as a policy speaks of them.
public struct PolicyUser: Hashable, Sendable {
    public var id: Int64
    public var name: String
    /// Empty where there is none.
    public var email: String
    public var role: UserRole
    /// Groups at the login provider, as the provider names them.
    public var groups: [String]

    public init(id: Int64, name: String, email: String, role: UserRole = .member, groups: [String] = []) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
        self.groups = groups
    }

    /// What stands after the `@` of the e-mail address, in lower case.
    public var domain: String? {
        guard let at = email.lastIndex(of: "@") else { return nil }
        return email[email.index(after: at)...].lowercased()
    }

    /// What stands before the `@`.
    var localPart: String? {
        guard let at = email.lastIndex(of: "@"), at > email.startIndex else { return nil }
        return String(email[..<at])
    }
}

/// A node, as far as a policy speaks of it.
public struct PolicyNode: Hashable, Sendable {
    /// Gives the order in every output.
    public var id: Int64
    public var name: String
    /// Owner; `nil` for tagged nodes.
    public var user: Int64?
    /// With `tag:`; a node has a user or tags.
    public var tags: [String]
    public var ipv4: IPv4Address?
    public var ipv6: IPv6Address?
    /// Routes it announces, in its order.
    public var announcedRoutes: [IPPrefix]
    /// Routes an administrator approved; the policy's auto-approvers add to them.
    public var approvedRoutes: [IPPrefix]
    /// Whether traffic can go through it now: a router that cannot be used gives way to others of the same route.
    public var isAvailable: Bool
    /// Of several available routers of one route the one with the lowest is first; the ids decide between equal ones.
    public var precedence: Int64
    /// Precedences for single routes, where they are others.
    public var routePrecedences: [IPPrefix: Int64]
    /// What device posture conditions look at, such as `node:os`.
    public var attributes: [String: PostureValue]

    public init(
        id: Int64,
        name: String,
        user: Int64? = nil,
        tags: [String] = [],
        ipv4: IPv4Address? = nil,
        ipv6: IPv6Address? = nil,
        announcedRoutes: [IPPrefix] = [],
        approvedRoutes: [IPPrefix] = [],
        isAvailable: Bool = true,
        precedence: Int64 = 0,
        routePrecedences: [IPPrefix: Int64] = [:],
        attributes: [String: PostureValue] = [:]
    ) {
        self.id = id
        self.name = name
        self.user = user
        self.tags = tags
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.announcedRoutes = announcedRoutes
        self.approvedRoutes = approvedRoutes
        self.isAvailable = isAvailable
        self.precedence = precedence
        self.routePrecedences = routePrecedences
        self.attributes = attributes
    }

    public var isTagged: Bool { !tags.isEmpty }

    /// Own addresses, IPv4 first.
    public var addresses: [IPAddress] {
        var list: [IPAddress] = []
        if let ipv4 { list.append(.v4(ipv4)) }
        if let ipv6 { list.append(.v6(ipv6)) }
        return list
    }
}
