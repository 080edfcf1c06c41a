public import ControlModel
import Crypto
public import Foundation

/// A provider as its client sees it.
///
/// Metadata and keys are kept for an hour; keys are read anew when a token's signature fits none of them, which is how
/// rotation shows, but not more often than ``keyPause``.
public actor OIDCProvider {
    /// How long what the provider published is believed.
    static let lifetime: TimeInterval = 3600
    static let keyPause: TimeInterval = 10

    public nonisolated let settings: OIDCSettings
    private let transport: any ProviderTransport
    private var metadata: (value: ProviderMetadata, readAt: Date)?
    private var keys: (value: ProviderKeys, readAt: Date)?

    public init(_ settings: OIDCSettings, transport: any ProviderTransport = HTTPProviderTransport()) {
        self.settings = settings
        self.transport = transport
    }

    /// Whether the provider answers and is set up as told.
    public func check(now: Date) async throws(OIDCError) {
        _ = try await currentMetadata(now)
    }

    /// Where the browser is sent to log in.
    ///
    /// - Parameter isFresh: whether the person is to log in even where the provider knows the browser already.
    public func authorizationURL(
        state: String,
        nonce: String,
        verifier: String,
        isFresh: Bool = false,
        now: Date
    ) async throws(OIDCError) -> String {
        let endpoint = try await currentMetadata(now).authorizationEndpoint.absoluteString
        var parameters: [(name: String, value: String)] = [
            ("response_type", "code"), ("client_id", settings.clientID), ("redirect_uri", settings.redirectURL),
            ("scope", settings.scopes.joined(separator: " ")), ("state", state), ("nonce", nonce),
        ]
        if settings.usesPKCE {
            parameters += [("code_challenge", Self.challenge(verifier)), ("code_challenge_method", "S256")]
        }
        if isFresh { parameters += [("prompt", "login"), ("max_age", "0")] }
        let own = Set(parameters.map(\.name))
        for (name, value) in settings.extraParameters.sorted(by: { $0.key < $1.key }) where !own.contains(name) {
            parameters.append((name, value))
        }
        return endpoint + (endpoint.contains("?") ? "&" : "?") + FormEncoding.text(parameters)
    }

    /// Checks that an answer is this provider's, and not another's that was asked about the same device.
    ///
    /// - Parameter issuer: what the answer says; `nil` where it says nothing.
    /// - Source: RFC 9207, 2.4.
    public func requireOwn(issuer: String?, now: Date) async throws(OIDCError) {
        if let issuer {
            guard issuer == settings.issuer else { throw .invalid(.issuer(issuer)) }
        } else if try await currentMetadata(now).namesItself {
            throw .invalid(.issuer(""))
        }
    }

    /// Redeems the code that came back: who has logged in.
    ///
    /// - Parameter since: when the person must have logged in at the earliest; `nil`: a login of any age will do.
    public func claims(
        code: String,
        nonce: String,
        verifier: String,
        since: Date? = nil,
        now: Date
    ) async throws(OIDCError) -> Claims {
        let metadata = try await currentMetadata(now)
        let tokens = try await tokens(code: code, verifier: verifier, metadata)
        var claims = try await verified(tokens.idToken, metadata, now)
        do throws(TokenFault) {
            // Before anything is added that is not signed.
            try IDTokenRules(
                issuer: settings.issuer,
                clientID: settings.clientID,
                nonce: nonce,
                now: now,
                fresh: since.map {
                    .init(since: $0, isTimeRequired: settings.requiresLoginTime || metadata.tellsLoginTime)
                }
            ).check(claims)
        } catch {
            throw .invalid(error)
        }
        if let endpoint = metadata.userInfoEndpoint, let token = tokens.accessToken {
            let more = try await userInfo(endpoint, token)
            guard more.text("sub") == claims.text("sub") else { throw .invalid(.subject) }
            // What is signed goes before what is merely told.
            claims.values.merge(more.values) { signed, _ in signed }
        }
        return claims
    }

    /// As whom somebody may come in.
    public nonisolated func person(_ claims: Claims) throws(AdmissionRefusal) -> LoginPerson {
        try AdmissionRules(settings: settings).person(claims)
    }

    private func tokens(
        code: String,
        verifier: String,
        _ metadata: ProviderMetadata
    ) async throws(OIDCError) -> Tokens {
        var form: [(name: String, value: String)] = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", settings.redirectURL),
        ]
        if settings.usesPKCE { form.append(("code_verifier", verifier)) }
        var request = ProviderRequest(url: metadata.tokenEndpoint)
        if settings.clientSecret.isEmpty || metadata.takesSecretInBody {
            form.append(("client_id", settings.clientID))
            if !settings.clientSecret.isEmpty { form.append(("client_secret", settings.clientSecret)) }
        } else {
            let pair = FormEncoding.encoded(settings.clientID) + ":" + FormEncoding.encoded(settings.clientSecret)
            request.headers["Authorization"] = "Basic " + Data(pair.utf8).base64EncodedString()
        }
        request.form = FormEncoding.text(form)
        let reply = try await send(request)
        if (400..<500).contains(reply.status), let refusal = try? JSONDecoder().decode(Refusal.self, from: reply.body) {
            throw .refused(code: refusal.error)
        }
        guard reply.status == 200 else { throw .unavailable(cause: UnexpectedStatus(status: reply.status)) }
        do {
            return try JSONDecoder().decode(Tokens.self, from: reply.body)
        } catch {
            throw .invalid(.malformed)
        }
    }

    private func verified(
        _ token: String,
        _ metadata: ProviderMetadata,
        _ now: Date
    ) async throws(OIDCError) -> Claims {
        let known = try await currentKeys(metadata, now)
        do {
            return try await known.value.claims(of: token)
        } catch {
            guard error == .signature, now.timeIntervalSince(known.readAt) >= Self.keyPause else {
                throw .invalid(error)
            }
        }
        keys = nil
        do {
            return try await currentKeys(metadata, now).value.claims(of: token)
        } catch let error as OIDCError {
            throw error
        } catch {
            throw .invalid(error as? TokenFault ?? .signature)
        }
    }

    private func currentMetadata(_ now: Date) async throws(OIDCError) -> ProviderMetadata {
        if let metadata, now.timeIntervalSince(metadata.readAt) < Self.lifetime { return metadata.value }
        guard let url = ProviderMetadata.location(of: settings.issuer) else { throw .invalid(.metadata("issuer")) }
        let body = try await read(ProviderRequest(url: url))
        do {
            let value = try ProviderMetadata(body, issuer: settings.issuer)
            metadata = (value, now)
            return value
        } catch {
            throw .invalid(error)
        }
    }

    private func currentKeys(
        _ metadata: ProviderMetadata,
        _ now: Date
    ) async throws(OIDCError) -> (value: ProviderKeys, readAt: Date) {
        if let keys, now.timeIntervalSince(keys.readAt) < Self.lifetime { return keys }
        let body = try await read(ProviderRequest(url: metadata.keysURL))
        do {
            let read = (value: try await ProviderKeys(body), readAt: now)
            keys = read
            return read
        } catch {
            throw .invalid(error)
        }
    }

    private func userInfo(_ endpoint: URL, _ token: String) async throws(OIDCError) -> Claims {
        var request = ProviderRequest(url: endpoint)
        request.headers["Authorization"] = "Bearer " + token
        let body = try await read(request)
        do {
            return try JSONDecoder().decode(Claims.self, from: body)
        } catch {
            throw .invalid(.malformed)
        }
    }

    private func read(_ request: ProviderRequest) async throws(OIDCError) -> Data {
        let reply = try await send(request)
        guard reply.status == 200 else { throw .unavailable(cause: UnexpectedStatus(status: reply.status)) }
        return reply.body
    }

    private func send(_ request: ProviderRequest) async throws(OIDCError) -> ProviderReply {
        do {
            return try await transport.send(request)
        } catch {
            throw .unavailable(cause: error)
        }
    }

    /// - Source: RFC 7636, 4.2.
    static func challenge(_ verifier: String) -> String {
        Data(SHA256.hash(data: Data(verifier.utf8))).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private struct Tokens: Decodable {
        var idToken: String
        var accessToken: String?

        private enum CodingKeys: String, CodingKey {
            case idToken = "id_token"
            case accessToken = "access_token"
        }
    }

    private struct Refusal: Decodable {
        var error: String
    }
}

/// A status that the protocol does not have here.
struct UnexpectedStatus: Error, CustomStringConvertible {
    var status: Int
    var description: String { "status \(status)" }
}
