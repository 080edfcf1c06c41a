import ControlModel

/// An auth key as the admin API writes it.
struct AdminAuthKeyBody: Encodable, Sendable {
    @NullWhenUnset var user: AdminUserBody?
    var id: String
    /// The whole key in the answer to its creation, else only what tells keys apart.
    var key: String
    var reusable: Bool
    var ephemeral: Bool
    var used: Bool
    var expiration: String
    var createdAt: String
    var aclTags: [String]
    /// Whether its nodes need no approval; beside what headscale has.
    var preapproved: Bool

    init(_ authKey: AuthKey, owner: User?, secret: String? = nil) {
        user = owner.map(AdminUserBody.init)
        id = authKey.id.description
        key = secret ?? "hskey-auth-\(authKey.prefix)-***"
        reusable = authKey.isReusable
        ephemeral = authKey.isEphemeral
        used = authKey.isUsed
        expiration = AdminTime.text(authKey.expiry)
        createdAt = AdminTime.text(authKey.createdAt)
        aclTags = authKey.tags
        preapproved = authKey.isPreapproved
    }
}
