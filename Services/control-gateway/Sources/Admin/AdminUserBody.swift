import ControlModel

/// A user as the admin API writes it.
struct AdminUserBody: Encodable, Sendable {
    var id: String
    var name: String
    var createdAt: String
    var displayName: String
    var email: String
    /// Identity at an OIDC provider; empty for users made here.
    var providerId: String
    var provider: String
    /// At the provider, as of the last login.
    var providerGroups: [String]
    var profilePicUrl: String
    var role: String

    init(_ user: User) {
        id = user.id.description
        name = user.name
        createdAt = AdminTime.text(user.createdAt)
        displayName = user.displayName
        email = user.email
        providerId = user.identity?.key ?? ""
        provider = user.identity == nil ? "" : "oidc"
        providerGroups = user.identity?.groups ?? []
        profilePicUrl = user.profilePictureURL
        role = user.role.rawValue
    }
}
