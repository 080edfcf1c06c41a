import Crypto
import Foundation
import Synchronization

@testable import OpenIDConnect

/// A provider without a network, with keys of its own; what it answers can be bent.
final class FakeProvider: ProviderTransport {
    static let issuer = "https://id.test"
    static let now = Date(timeIntervalSince1970: 1_800_000_000)

    struct State: Sendable {
        var key = SigningKey(name: "first")
        var published: [SigningKey] = []
        /// In front of the published keys.
        var oddKeys: [Claims.Value] = []
        var token = ""
        var userInfo: [String: Claims.Value]? = ["sub": .text("7")]
        var document: [String: Claims.Value] = [
            "issuer": .text(issuer), "authorization_endpoint": .text(issuer + "/auth?flow=1"),
            "token_endpoint": .text(issuer + "/token"), "jwks_uri": .text(issuer + "/keys"),
            "userinfo_endpoint": .text(issuer + "/me"),
        ]
        var tokenReply: ProviderReply?
        var isAway = false
        var requests: [ProviderRequest] = []
    }

    let state: Mutex<State>

    init() {
        var state = State()
        state.published = [state.key]
        self.state = Mutex(state)
    }

    func change(_ change: (inout State) throws -> Void) rethrows {
        try state.withLock { try change(&$0) }
    }

    /// Lets the next round give a token with these claims, signed by the current key unless another is named.
    func issue(_ claims: [String: Claims.Value], with key: SigningKey? = nil) throws {
        try change { $0.token = try (key ?? $0.key).token(claims) }
    }

    func requests(to path: String) -> [ProviderRequest] {
        state.withLock { $0.requests.filter { $0.url.path == path } }
    }

    func send(_ request: ProviderRequest) async throws -> ProviderReply {
        try state.withLock { state in
            state.requests.append(request)
            if state.isAway { throw UnexpectedStatus(status: 0) }
            switch request.url.path {
            case "/.well-known/openid-configuration": return try Self.json(state.document)
            case "/keys":
                return try Self.json(["keys": .list(state.oddKeys + state.published.map(\.document))])
            case "/token":
                if let reply = state.tokenReply { return reply }
                return try Self.json(["id_token": .text(state.token), "access_token": .text("access")])
            case "/me":
                guard let info = state.userInfo else { return ProviderReply(status: 500, body: Data()) }
                return try Self.json(info)
            default: return ProviderReply(status: 404, body: Data())
            }
        }
    }

    private static func json(_ values: [String: Claims.Value]) throws -> ProviderReply {
        ProviderReply(status: 200, body: try JSONEncoder().encode(values))
    }

    /// Claims of a good token.
    static func claims(nonce: String = "nonce") -> [String: Claims.Value] {
        let time = now.timeIntervalSince1970
        return [
            "iss": .text(issuer), "aud": .text("client"), "sub": .text("7"), "nonce": .text(nonce),
            "iat": .number(time), "exp": .number(time + 600), "email": .text("Anna@Example.com"),
            "email_verified": .bool(true), "preferred_username": .text("anna"), "name": .text("Anna"),
            "groups": .list([.text("staff"), .text("admins")]),
        ]
    }
}

/// A key for ES256, written by hand so that not the library under test vouches for itself.
struct SigningKey: Sendable {
    let name: String
    private let key = P256.Signing.PrivateKey()

    init(name: String) {
        self.name = name
    }

    var document: Claims.Value {
        let point = key.publicKey.rawRepresentation
        return .object([
            "kty": .text("EC"), "crv": .text("P-256"), "use": .text("sig"), "alg": .text("ES256"), "kid": .text(name),
            "x": .text(Self.encoded(point.prefix(32))), "y": .text(Self.encoded(point.suffix(32))),
        ])
    }

    /// The public point, which a forger knows too.
    var publicBytes: Data { key.publicKey.rawRepresentation }

    func token(_ claims: [String: Claims.Value], kid: String? = nil) throws -> String {
        let signed = try Self.unsigned(["alg": .text("ES256"), "kid": .text(kid ?? name)], claims)
        return signed + "." + Self.encoded(try key.signature(for: Data(signed.utf8)).rawRepresentation)
    }

    static func unsigned(_ header: [String: Claims.Value], _ claims: [String: Claims.Value]) throws -> String {
        encoded(try JSONEncoder().encode(header)) + "." + encoded(try JSONEncoder().encode(claims))
    }

    static func encoded(_ data: some DataProtocol) -> String {
        Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
