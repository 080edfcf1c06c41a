import Bus
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceKit

/// Where those who are shown ID tokens find out how to check them.
struct TokenKeyRoutes: Sendable {
    static let keysPath = "/.well-known/jwks.json"
    /// Shorter than new keys are shown before they sign.
    private static let cacheSeconds = 600

    let bus: any Bus
    let configuration: ControlGatewayConfiguration
    let logger: Logger
    private let visits = AttemptLimiter(burst: 60, interval: .seconds(1))

    init(bus: any Bus, configuration: ControlGatewayConfiguration, logger: Logger) {
        self.bus = bus
        self.configuration = configuration
        self.logger = logger
    }

    func register(on router: Router<SurfaceContext>) {
        router.get("/.well-known/openid-configuration") { _, _ in discovery() }
        router.get(RouterPath(Self.keysPath)) { _, context in await keys(context.connection.source) }
    }

    private func discovery() -> Response {
        let issuer = configuration.serverURL
        return Self.json(
            Discovery(
                issuer: issuer,
                keys: issuer + Self.keysPath,
                // Tokens are had from inside the network alone; who reads this wants an address all the same.
                authorization: issuer + "/machine/id-token"
            )
        )
    }

    private func keys(_ source: String?) async -> Response {
        if let delay = visits.take(source) {
            ControlGatewayMetrics.limited("token_keys")
            return Response(status: .tooManyRequests, headers: [.retryAfter: String(delay.retrySeconds)])
        }
        do {
            let answer = try await bus.request(FetchTokenKeys(), tailnet: configuration.tailnet)
            return Self.json(KeySet(keys: answer.keys.map(Key.init)))
        } catch {
            logger.warning("the keys of tokens cannot be told", metadata: [LogKey.error: "\(error)"])
            return Response(status: .serviceUnavailable, headers: [.retryAfter: "5"])
        }
    }

    private static func json(_ value: some Encodable) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let body = try? encoder.encode(value) else { return Response(status: .internalServerError) }
        return Response(
            status: .ok,
            headers: [.contentType: "application/json", .cacheControl: "public, max-age=\(cacheSeconds)"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    private struct Discovery: Encodable {
        var issuer: String
        var keys: String
        var authorization: String
        var responseTypes = ["id_token"]
        var subjectTypes = ["public"]
        var algorithms = ["RS256"]
        var claims = [
            "sub", "aud", "exp", "iat", "iss", "jti", "nbf", "key", "addresses", "nid", "node", "domain", "tags",
            "user",
            "uid",
        ]

        enum CodingKeys: String, CodingKey {
            case issuer
            case keys = "jwks_uri"
            case authorization = "authorization_endpoint"
            case responseTypes = "response_types_supported"
            case subjectTypes = "subject_types_supported"
            case algorithms = "id_token_signing_alg_values_supported"
            case claims = "claims_supported"
        }
    }

    private struct KeySet: Encodable {
        var keys: [Key]
    }

    private struct Key: Encodable {
        var kty = "RSA"
        var use = "sig"
        var alg = "RS256"
        var kid: String
        var n: String
        var e: String

        init(_ key: FetchTokenKeys.Key) {
            kid = key.id
            n = key.modulus
            e = key.exponent
        }
    }
}
