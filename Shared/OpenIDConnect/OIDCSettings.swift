/// What an administrator says about the provider.
public struct OIDCSettings: Hashable, Sendable {
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
}
