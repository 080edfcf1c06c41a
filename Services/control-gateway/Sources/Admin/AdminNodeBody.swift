import ControlModel
import IPAddresses
import Keys

/// What a device says of its hardware, as the admin API writes it.
struct AdminPostureBody: Encodable, Sendable {
    var serialNumbers: [String]
    var hardwareAddresses: [String]
    /// Whether the device's owner does not let it tell.
    var disabled: Bool
    var collectedAt: String

    init(_ identity: PostureIdentity) {
        serialNumbers = identity.serialNumbers
        hardwareAddresses = identity.hardwareAddresses
        disabled = identity.isDisabled
        collectedAt = AdminTime.text(identity.collectedAt)
    }
}

/// A node as the admin API writes it.
struct AdminNodeBody: Encodable, Sendable {
    var id: String
    var machineKey: String
    var nodeKey: String
    var discoKey: String
    var ipAddresses: [String]
    /// The hostname as the client sent it; ``givenName`` is the name in DNS.
    var name: String
    @NullWhenUnset var user: AdminUserBody?
    @NullWhenUnset var lastSeen: String?
    @NullWhenUnset var expiry: String?
    @NullWhenUnset var preAuthKey: AdminAuthKeyBody?
    var createdAt: String
    var registerMethod: String
    var givenName: String
    var online: Bool
    var approvedRoutes: [String]
    /// What the node offers.
    var availableRoutes: [String]
    /// What goes through it: subnet routes of which it is the primary router, and exit routes.
    var subnetRoutes: [String]
    var tags: [String]
    /// Whether the device may take part; beside what headscale has.
    var approved: Bool
    /// What the device says of its hardware; left out until it was asked.
    var postureIdentity: AdminPostureBody?

    init(_ node: Node, users: [UserID: User], authKeys: [AuthKeyID: AuthKey], primaries: PrimaryRoutes) {
        id = node.id.description
        machineKey = node.machineKey.text
        nodeKey = node.nodeKey.text
        discoKey = node.discoKey.text
        ipAddresses = node.addresses.map(\.address.description)
        name = node.hostname
        user = node.user.flatMap { users[$0] }.map(AdminUserBody.init)
        lastSeen = node.lastSeen.map(AdminTime.text)
        expiry = node.expiry.map(AdminTime.text)
        preAuthKey = node.authKey.flatMap { authKeys[$0] }.map { key in
            AdminAuthKeyBody(key, owner: key.user.flatMap { users[$0] })
        }
        createdAt = AdminTime.text(node.createdAt)
        registerMethod = Self.text(node.registerMethod)
        givenName = node.givenName
        online = node.isOnline
        approvedRoutes = node.approvedRoutes.sorted().map(\.description)
        availableRoutes = node.announcedRoutes.sorted().map(\.description)
        subnetRoutes = primaries.routes(of: node).map(\.description)
        tags = node.tags
        approved = node.isApproved
        postureIdentity = node.postureIdentity.map(AdminPostureBody.init)
    }

    private static func text(_ method: RegisterMethod) -> String {
        switch method {
        case .authKey: "REGISTER_METHOD_AUTH_KEY"
        case .cli: "REGISTER_METHOD_CLI"
        case .oidc: "REGISTER_METHOD_OIDC"
        }
    }
}
