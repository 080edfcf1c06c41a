import Foundation

/// What the claims of an ID token must say, whoever signed it.
///
/// - Source: OpenID Connect Core 1.0, 3.1.3.7.
struct IDTokenRules: Sendable {
    /// How far the provider's clock may be from ours.
    static let clockSkew: TimeInterval = 60

    var issuer: String
    var clientID: String
    var nonce: String
    var now: Date
    /// Set where the person must have logged in anew.
    var fresh: FreshLogin?

    /// When the person must have logged in at the earliest, and whether a token that does not say when they did will do.
    struct FreshLogin: Sendable {
        var since: Date
        var isTimeRequired: Bool
    }

    func check(_ claims: Claims) throws(TokenFault) {
        guard claims.text("iss") == issuer else { throw .issuer(claims.text("iss")) }
        let audience = claims.texts("aud")
        guard audience.contains(clientID) else { throw .audience }
        let party = claims.text("azp")
        guard party.isEmpty ? audience.count == 1 : party == clientID else { throw .audience }
        let time = now.timeIntervalSince1970
        guard let end = claims.number("exp"), time < end + Self.clockSkew else { throw .expired }
        for name in ["nbf", "iat"] {
            if let start = claims.number(name), start > time + Self.clockSkew { throw .notYetValid }
        }
        guard !nonce.isEmpty, claims.text("nonce") == nonce else { throw .nonce }
        guard (1...255).contains(claims.text("sub").utf8.count) else { throw .subject }
        try checkFreshness(claims)
    }

    /// - Source: OpenID Connect Core 1.0, 3.1.2.1 (`max_age`): asked for an age, a provider says when the person logged in.
    private func checkFreshness(_ claims: Claims) throws(TokenFault) {
        guard let fresh else { return }
        guard let time = claims.number("auth_time") else {
            // A claim that is there and is no number says nothing that could be relied on.
            guard !fresh.isTimeRequired, claims.values["auth_time"] == nil else { throw .noLoginTime }
            return
        }
        guard time >= fresh.since.timeIntervalSince1970 - Self.clockSkew else { throw .loginTooOld }
        guard time <= now.timeIntervalSince1970 + Self.clockSkew else { throw .notYetValid }
    }
}
