import ControlModel
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
        var oddKeys: [AnyJSON] = []
        var token = ""
        var userInfo: [String: AnyJSON]? = ["sub": .string("7")]
        var document: [String: AnyJSON] = [
            "issuer": .string(issuer), "authorization_endpoint": .string(issuer + "/auth?flow=1"),
            "token_endpoint": .string(issuer + "/token"), "jwks_uri": .string(issuer + "/keys"),
            "userinfo_endpoint": .string(issuer + "/me"),
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
    func issue(_ claims: [String: AnyJSON], with key: SigningKey? = nil) throws {
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
                return try Self.json(["keys": .array(state.oddKeys + state.published.map(\.document))])
            case "/token":
                if let reply = state.tokenReply { return reply }
                return try Self.json(["id_token": .string(state.token), "access_token": .string("access")])
            case "/me":
                guard let info = state.userInfo else { return ProviderReply(status: 500, body: Data()) }
                return try Self.json(info)
            default: return ProviderReply(status: 404, body: Data())
            }
        }
    }

    private static func json(_ values: [String: AnyJSON]) throws -> ProviderReply {
        ProviderReply(status: 200, body: try JSONEncoder().encode(values))
    }

    /// Claims of a good token.
    static func claims(nonce: String = "nonce") -> [String: AnyJSON] {
        let time = now.timeIntervalSince1970
        return [
            "iss": .string(issuer), "aud": .string("client"), "sub": .string("7"), "nonce": .string(nonce),
            "iat": .number(time), "exp": .number(time + 600), "email": .string("Anna@Example.com"),
            "email_verified": .bool(true), "preferred_username": .string("anna"), "name": .string("Anna"),
            "groups": .array([.string("staff"), .string("admins")]),
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

    var document: AnyJSON {
        let point = key.publicKey.rawRepresentation
        return .object([
            "kty": .string("EC"), "crv": .string("P-256"), "use": .string("sig"), "alg": .string("ES256"),
            "kid": .string(name),
            "x": .string(Self.encoded(point.prefix(32))), "y": .string(Self.encoded(point.suffix(32))),
        ])
    }

    /// The public point, which a forger knows too.
    var publicBytes: Data { key.publicKey.rawRepresentation }

    func token(_ claims: [String: AnyJSON], kid: String? = nil) throws -> String {
        let signed = try Self.unsigned(["alg": .string("ES256"), "kid": .string(kid ?? name)], claims)
        return signed + "." + Self.encoded(try key.signature(for: Data(signed.utf8)).rawRepresentation)
    }

    static func unsigned(_ header: [String: AnyJSON], _ claims: [String: AnyJSON]) throws -> String {
        encoded(try JSONEncoder().encode(header)) + "." + encoded(try JSONEncoder().encode(claims))
    }

    static func encoded(_ data: some DataProtocol) -> String {
        Data(data).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
