import Foundation

/// What an administrator says about a provider.
public struct OIDCSettings: Hashable, Sendable {
    /// Tells several providers apart: it stands in addresses, and before the names of the provider's groups; empty where there is
    /// one provider alone.
    public var name = ""
    /// What people read where they choose; empty: the issuer's host.
    public var title = ""
    /// As the provider writes it in its tokens.
    public var issuer: String
    public var clientID: String
    /// A secret; empty for a client that has none.
    public var clientSecret: String
    /// Where the provider sends browsers back to.
    public var redirectURL: String
    public var scopes = ["openid", "profile", "email"]
    /// Further parameters of the authorization request; those that the protocol needs cannot be replaced.
    public var extraParameters: [String: String] = [:]
    public var usesPKCE = true
    /// Whether node keys end with the ID token.
    public var usesExpiryOfToken = false
    /// Whether an address that the provider does not vouch for counts as none.
    public var requiresVerifiedEmail = true
    /// Whether a login that must be fresh fails where the provider does not say when the person logged in.
    ///
    /// Of a provider that publishes `auth_time` among its claims that is always so.
    public var requiresLoginTime = false
    /// Empty lists allow everybody; one match in each list that is not empty is needed.
    public var allowedDomains: [String] = []
    public var allowedUsers: [String] = []
    public var allowedGroups: [String] = []
    /// Where the groups stand: a claim's name, or a path of names with dots between.
    public var groupsClaim = "groups"
    /// Whether users are named after the part of their address before the `@`.
    public var stripsEmailDomain = false

    public init(issuer: String, clientID: String, clientSecret: String, redirectURL: String) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURL = redirectURL
    }

    /// What people read.
    public var shownTitle: String {
        title.isEmpty ? URL(string: issuer)?.host ?? issuer : title
    }

    /// A group as policies name it: two providers' groups of one name are two groups.
    func groupName(_ group: String) -> String {
        name.isEmpty ? group : name + "/" + group
    }
}
