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
    }
}
