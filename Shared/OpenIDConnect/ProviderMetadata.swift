import Foundation

/// What a provider's discovery document says, as far as a client needs it.
///
/// - Source: OpenID Connect Discovery 1.0, 3.
struct ProviderMetadata: Hashable, Sendable {
    var authorizationEndpoint: URL
    var tokenEndpoint: URL
    var keysURL: URL
    /// `nil` where the provider has none.
    var userInfoEndpoint: URL?
    /// Whether the client's secret goes into the body instead of a header.
    var takesSecretInBody: Bool
    /// Whether its answers say whose they are.
    ///
    /// - Source: RFC 9207.
    var namesItself: Bool

    /// Whether it says when somebody logged in.
    var tellsLoginTime: Bool

    static func location(of issuer: String) -> URL? {
        URL(string: (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration")
    }

    /// - Throws: unless the document is that of `issuer`, and at least as well protected.
    init(_ data: Data, issuer: String) throws(TokenFault) {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: data)
        } catch {
            throw .metadata("the document")
        }
        guard document.issuer == issuer else { throw .issuer(document.issuer) }
        func endpoint(_ text: String?, _ name: String) throws(TokenFault) -> URL {
            guard let text, let url = URL(string: text), let scheme = url.scheme?.lowercased(), url.host != nil,
                scheme == "https" || (scheme == "http" && issuer.lowercased().hasPrefix("http:"))
            else { throw .metadata(name) }
            return url
        }
        authorizationEndpoint = try endpoint(document.authorizationEndpoint, "authorization_endpoint")
        tokenEndpoint = try endpoint(document.tokenEndpoint, "token_endpoint")
        keysURL = try endpoint(document.jwksUri, "jwks_uri")
        userInfoEndpoint =
            document.userinfoEndpoint == nil ? nil : try endpoint(document.userinfoEndpoint, "userinfo_endpoint")
        let methods = document.tokenEndpointAuthMethodsSupported ?? ["client_secret_basic"]
        namesItself = document.authorizationResponseIssParameterSupported ?? false
        tellsLoginTime = document.claimsSupported?.contains("auth_time") ?? false
        takesSecretInBody = !methods.contains("client_secret_basic") && methods.contains("client_secret_post")
    }

    private struct Document: Decodable {
        var issuer: String
        var authorizationEndpoint: String?
        var tokenEndpoint: String?
        var jwksUri: String?
        var userinfoEndpoint: String?
        var tokenEndpointAuthMethodsSupported: [String]?
        var authorizationResponseIssParameterSupported: Bool?
        var claimsSupported: [String]?

        private enum CodingKeys: String, CodingKey {
            case issuer
            case authorizationEndpoint = "authorization_endpoint"
            case tokenEndpoint = "token_endpoint"
            case jwksUri = "jwks_uri"
            case userinfoEndpoint = "userinfo_endpoint"
            case claimsSupported = "claims_supported"
            case tokenEndpointAuthMethodsSupported = "token_endpoint_auth_methods_supported"
            case authorizationResponseIssParameterSupported = "authorization_response_iss_parameter_supported"
        }
    }
}
