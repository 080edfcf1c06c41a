import OpenIDConnect

/// Login through OpenID Connect providers, from the keys under `oidc`: one provider's own, or a list of several.
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
    static let requiresLoginTime = ConfigurationKey("oidc.login_time_required")
    static let allowedDomains = ConfigurationKey("oidc.allowed_domains", .list)
    static let allowedUsers = ConfigurationKey("oidc.allowed_users", .list)
    static let allowedGroups = ConfigurationKey("oidc.allowed_groups", .list)
    static let groupsClaim = ConfigurationKey("oidc.groups_claim")
    static let stripsEmailDomain = ConfigurationKey("oidc.strip_email_domain")
    static let usesPKCE = ConfigurationKey("oidc.pkce.enabled")
    static let challengeMethod = ConfigurationKey("oidc.pkce.method")
    static let several = ConfigurationKey("oidc.providers", .structure)
    static let keys = [
        issuer, clientID, clientSecret, clientSecretPath, scope, extraParameters, startsOnlyIfAvailable,
        usesExpiryOfToken, requiresVerifiedEmail, requiresLoginTime, allowedDomains, allowedUsers, allowedGroups,
        groupsClaim, stripsEmailDomain, usesPKCE, challengeMethod, several,
    ]

    struct Provider: Hashable, Sendable {
        var settings: OIDCSettings
        /// The client's; `nil`: it has none.
        var secret: Secret?
    }

    /// None: devices wait for an administrator.
    var providers: [Provider]
    /// Whether a server one of whose providers does not answer stops.
    var mustBeAvailable: Bool

    init(_ reader: inout SettingsReader, paths: SettingsPaths, serverURL: ServerURL) {
        mustBeAvailable = reader.flag(Self.startsOnlyIfAvailable, or: true)
        let only = Self.only(&reader, paths: paths, serverURL: serverURL)
        providers = OIDCProviderList.read(&reader, paths: paths, serverURL: serverURL)
        if !providers.isEmpty {
            // Passed over in silence, a list of who may come in would let everybody in.
            for key in Self.keys where ![Self.several, Self.startsOnlyIfAvailable].contains(key) {
                guard reader.sources.isGiven(key) else { continue }
                reader.refuse(key, value: nil, expecting: "nothing: with oidc.providers it stands in each provider")
            }
        } else if let only {
            providers = [only]
        }
    }

    private static func only(_ reader: inout SettingsReader, paths: SettingsPaths, serverURL: ServerURL) -> Provider? {
        let given = reader.text(issuer)
        if let given, ServerURL(given) == nil {
            reader.refuse(issuer, value: given, expecting: "the provider's URL, e.g. https://id.example.com")
        }
        var settings = OIDCSettings(
            issuer: given ?? "",
            clientID: reader.text(clientID) ?? "",
            clientSecret: "",
            redirectURL: serverURL.description + "/oidc/callback"
        )
        settings.scopes = reader.list(scope) ?? settings.scopes
        settings.extraParameters = parameters(&reader)
        settings.usesExpiryOfToken = reader.flag(usesExpiryOfToken, or: false)
        settings.requiresVerifiedEmail = reader.flag(requiresVerifiedEmail, or: true)
        settings.requiresLoginTime = reader.flag(requiresLoginTime, or: false)
        settings.allowedDomains = reader.list(allowedDomains) ?? []
        settings.allowedUsers = reader.list(allowedUsers) ?? []
        settings.allowedGroups = reader.list(allowedGroups) ?? []
        settings.groupsClaim = reader.text(groupsClaim) ?? settings.groupsClaim
        settings.stripsEmailDomain = reader.flag(stripsEmailDomain, or: false)
        settings.usesPKCE = reader.flag(usesPKCE, or: true)
        _ = reader.value(challengeMethod, or: "S256", expecting: "S256") { $0.uppercased() == "S256" ? $0 : nil }
        var secret = reader.secret(clientSecret, orIn: clientSecretPath, paths: paths)
        if case .file(let path)? = secret {
            secret = .file(path: expanded(path, paths.surroundings.environment))
        }
        guard given != nil else { return nil }
        if settings.clientID.isEmpty {
            reader.refuse(clientID, value: nil, expecting: "the client id that the provider at oidc.issuer gave")
        }
        if !settings.scopes.contains("openid") {
            reader.refuse(
                scope,
                value: settings.scopes.joined(separator: " "),
                expecting: "openid among the scopes"
            )
        }
        return Provider(settings: settings, secret: secret)
    }

    /// The settings with the secrets in them.
    func complete() throws(CommandFailure) -> [OIDCSettings] {
        var list: [OIDCSettings] = []
        for provider in providers {
            var settings = provider.settings
            settings.clientSecret = try provider.secret?.read() ?? ""
            list.append(settings)
        }
        return list
    }

    /// `${NAME}` stands for an environment variable, as service managers give folders for secrets.
    static func expanded(_ path: String, _ environment: [String: String]) -> String {
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
