public import Foundation

/// One round of a login through a provider: what must come back, once, with the secret it was sent out with.
///
/// The browser that began the round holds the second secret: a link that somebody else sends does not finish it.
public struct LoginStep: Hashable, Sendable, Codable {
    /// Hash of the secret that names it.
    public var secretHash: Data
    public var login: LoginID
    /// Hash of the secret that the browser keeps.
    public var browserHash: Data
    public var stage: Stage
    public var deadline: Date

    public enum Stage: Hashable, Sendable, Codable {
        /// The provider at `issuer` has been asked; its answer must carry `nonce`, and the code is redeemed with `verifier`.
        ///
        /// Without an issuer: the only one that there is.
        case authorizing(nonce: String, verifier: String, issuer: String? = nil)
        /// The provider has said who it is; the person has yet to confirm the device.
        case confirming(LoginPerson)
    }

    public init(secretHash: Data, login: LoginID, browserHash: Data, stage: Stage, deadline: Date) {
        self.secretHash = secretHash
        self.login = login
        self.browserHash = browserHash
        self.stage = stage
        self.deadline = deadline
    }
}

/// Somebody whom a provider knows, as its claims say.
public struct LoginPerson: Hashable, Sendable, Codable {
    public var identity: UserIdentity
    /// Names to be tried for a new user, best first.
    public var names: [String]
    public var displayName: String
    /// Empty where the provider does not vouch for it.
    public var email: String
    public var profilePictureURL: String
    /// When the node key must end; `nil` leaves it to the server.
    public var nodeExpiry: Date?

    public init(
        identity: UserIdentity,
        names: [String],
        displayName: String = "",
        email: String = "",
        profilePictureURL: String = "",
        nodeExpiry: Date? = nil
    ) {
        self.identity = identity
        self.names = names
        self.displayName = displayName
        self.email = email
        self.profilePictureURL = profilePictureURL
        self.nodeExpiry = nodeExpiry
    }
}

/// Who somebody is at a provider.
public struct UserIdentity: Hashable, Sendable, Codable {
    public var issuer: String
    /// Never given to anybody else by this issuer.
    public var subject: String
    /// Groups at the provider, as of the last login, sorted.
    public var groups: [String]

    public init(issuer: String, subject: String, groups: [String] = []) {
        self.issuer = issuer
        self.subject = subject
        self.groups = groups
    }

    /// Issuer and subject as one text, unique in a tailnet.
    public var key: String { plainIssuer + "/" + subject }

    /// Whether issuer and subject are the same, each for itself.
    public func isSamePerson(as other: UserIdentity) -> Bool {
        plainIssuer == other.plainIssuer && subject == other.subject
    }

    private var plainIssuer: String { issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer }
}
