import ControlModel
import IPAddresses
import Keys

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
    }

    private static func text(_ method: RegisterMethod) -> String {
        switch method {
        case .authKey: "REGISTER_METHOD_AUTH_KEY"
        case .cli: "REGISTER_METHOD_CLI"
        case .oidc: "REGISTER_METHOD_OIDC"
        }
    }
}
