/// Why a login through a provider failed.
public enum OIDCError: Error {
    /// The provider cannot be reached or does not do its part; later it may.
    case unavailable(cause: any Error)
    /// The provider said no, with a code of RFC 6749, 4.1.2.1 or 5.2.
    case refused(code: String)
    /// What came is not what was asked for: forged, outdated, for somebody else, or the provider is set up wrongly.
    case invalid(TokenFault)
}

/// What is wrong with a token, or with a document of the provider.
public enum TokenFault: Error, Hashable, Sendable {
    case malformed
    case signature
    case issuer(String)
    case audience
    case expired
    case notYetValid
    case nonce
    case subject
    /// The person logged in before they were asked to.
    case loginTooOld
    /// When the person logged in is not said, and must be.
    case noLoginTime
    /// The member of the discovery document that cannot be used.
    case metadata(String)
}

/// Why somebody whom the provider knows may not come in.
public enum AdmissionRefusal: Error, Hashable, Sendable {
    case domain
    case user
    case group
    /// A list of domains or users is configured, and the provider does not vouch for the address.
    case unverifiedEmail
}
