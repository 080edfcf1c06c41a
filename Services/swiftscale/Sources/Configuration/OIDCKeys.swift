import OpenIDConnect

/// Login through an OpenID Connect provider, from the keys under `oidc`.
struct OIDCKeys: Hashable, Sendable {
    static let issuer = ConfigurationKey("oidc.issuer")
    static let clientID = ConfigurationKey("oidc.client_id")
    static let clientSecret = ConfigurationKey("oidc.client_secret", isSecret: true)
    static let clientSecretPath = ConfigurationKey("oidc.client_secret_path")
    static let scope = ConfigurationKey("oidc.scope", .list)
    static let extraParameters = ConfigurationKey("oidc.extra_params", .structure)
    static let startsOnlyIfAvailable = ConfigurationKey("oidc.only_start_if_oidc_is_available")
    static let usesExpiryOfToken = ConfigurationKey("oidc.use_expiry_from_token")
    static let requiresVerifiedEmail = ConfigurationKey("oidc.email_verified_required")
    static let allowedDomains = ConfigurationKey("oidc.allowed_domains", .list)
    static let allowedUsers = ConfigurationKey("oidc.allowed_users", .list)
    static let allowedGroups = ConfigurationKey("oidc.allowed_groups", .list)
    static let groupsClaim = ConfigurationKey("oidc.groups_claim")
    static let stripsEmailDomain = ConfigurationKey("oidc.strip_email_domain")
    static let usesPKCE = ConfigurationKey("oidc.pkce.enabled")
    static let challengeMethod = ConfigurationKey("oidc.pkce.method")
    static let keys = [
        issuer, clientID, clientSecret, clientSecretPath, scope, extraParameters, startsOnlyIfAvailable,
        usesExpiryOfToken, requiresVerifiedEmail, allowedDomains, allowedUsers, allowedGroups, groupsClaim,
        stripsEmailDomain, usesPKCE, challengeMethod,
    ]

    /// `nil`: devices wait for an administrator.
    var settings: OIDCSettings?
    /// The client's; `nil`: it has none.
    var secret: Secret?
    /// Whether a server whose provider does not answer stops.
    var mustBeAvailable: Bool

    init(_ reader: inout SettingsReader, paths: SettingsPaths, serverURL: ServerURL) {
        mustBeAvailable = reader.flag(Self.startsOnlyIfAvailable, or: true)
        let issuer = reader.text(Self.issuer)
        if let issuer, ServerURL(issuer) == nil {
            reader.refuse(Self.issuer, value: issuer, expecting: "the provider's URL, e.g. https://id.example.com")
        }
        var settings = OIDCSettings(
            issuer: issuer ?? "",
            clientID: reader.text(Self.clientID) ?? "",
            clientSecret: "",
            redirectURL: serverURL.description + "/oidc/callback"
        )
        settings.scopes = reader.list(Self.scope) ?? settings.scopes
        settings.extraParameters = Self.parameters(&reader)
        settings.usesExpiryOfToken = reader.flag(Self.usesExpiryOfToken, or: false)
        settings.requiresVerifiedEmail = reader.flag(Self.requiresVerifiedEmail, or: true)
        settings.allowedDomains = reader.list(Self.allowedDomains) ?? []
        settings.allowedUsers = reader.list(Self.allowedUsers) ?? []
        settings.allowedGroups = reader.list(Self.allowedGroups) ?? []
        settings.groupsClaim = reader.text(Self.groupsClaim) ?? settings.groupsClaim
        settings.stripsEmailDomain = reader.flag(Self.stripsEmailDomain, or: false)
        settings.usesPKCE = reader.flag(Self.usesPKCE, or: true)
        _ = reader.value(Self.challengeMethod, or: "S256", expecting: "S256") { $0.uppercased() == "S256" ? $0 : nil }
        secret = reader.secret(Self.clientSecret, orIn: Self.clientSecretPath, paths: paths)
        if case .file(let path)? = secret {
            secret = .file(path: Self.expanded(path, paths.surroundings.environment))
        }
        guard issuer != nil else { return }
        self.settings = settings
        if settings.clientID.isEmpty {
            reader.refuse(Self.clientID, value: nil, expecting: "the client id that the provider at oidc.issuer gave")
        }
        if !settings.scopes.contains("openid") {
            reader.refuse(
                Self.scope,
                value: settings.scopes.joined(separator: " "),
                expecting: "openid among the scopes"
            )
        }
    }

    /// The settings with the secret in them.
    func complete() throws(CommandFailure) -> OIDCSettings? {
        guard var settings else { return nil }
        settings.clientSecret = try secret?.read() ?? ""
        return settings
    }

    /// `${NAME}` stands for an environment variable, as service managers give folders for secrets.
    private static func expanded(_ path: String, _ environment: [String: String]) -> String {
        path.replacing(#/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/#) { environment[String($0.1)] ?? "" }
    }

    private static func parameters(_ reader: inout SettingsReader) -> [String: String] {
        guard let structure = reader.structure(extraParameters) else { return [:] }
        guard case .mapping(let pairs) = structure else {
            reader.refuse(extraParameters, value: nil, expecting: "a mapping of parameter names to texts")
            return [:]
        }
        var parameters: [String: String] = [:]
        for (name, value) in pairs {
            guard case .text(let text) = value else {
                reader.refuse(extraParameters, value: name, expecting: "a text under this parameter's name")
                continue
            }
            parameters[name] = text
        }
        return parameters
    }
}
