import Bus
import ControlModel
import Foundation
import Keys

/// What an ID token says of a node.
///
/// - Source: `tailcfg.TokenResponse`.
struct IDTokenClaims: Encodable, Hashable {
    /// Long enough to be exchanged for something else, not to be kept.
    static let lifetime: TimeInterval = 5 * 60

    var jti: String
    var iss: String
    var sub: String
    var aud: String
    var iat: Int64
    var nbf: Int64
    var exp: Int64
    var key: String
    var addresses: [String]
    var nid: Int64
    var node: String
    var domain: String
    var tags: [String]?
    var user: String?
    var uid: Int64?

    /// - Parameters:
    ///   - user: who owns the node; `nil` for a tagged one.
    ///   - id: unique to the token.
    init(_ node: Node, user: User?, request: IssueIDToken, id: String, now: Date) {
        let name = request.domain.isEmpty ? node.givenName : "\(node.givenName).\(request.domain)"
        let second = Int64(now.timeIntervalSince1970.rounded(.down))
        jti = id
        iss = request.issuer
        sub = name
        aud = request.audience
        iat = second
        nbf = second
        exp = second + Int64(Self.lifetime)
        key = node.nodeKey.text
        addresses = node.addresses.map { "\($0)" }
        nid = node.id.rawValue
        self.node = name
        domain = request.domain
        if node.isTagged { tags = node.tags.map { "\(request.domain):\($0)" } }
        if let user {
            self.user = "\(request.domain):\(user.email.isEmpty ? user.name : user.email)"
            uid = user.id.rawValue
        }
    }
}
