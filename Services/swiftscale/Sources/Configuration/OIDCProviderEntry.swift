import OpenIDConnect

/// One entry of a list of login providers.
struct OIDCProviderEntry {
    struct Fault {
        var value: String?
        var expected: String
    }

    private(set) var faults: [Fault] = []
    private var parts: [String: ConfigurationFile.Structure]
    private var name = ""

    init(_ parts: [String: ConfigurationFile.Structure]) {
        self.parts = parts
    }

    /// Reads the entry; what is wrong is in ``faults`` afterwards.
    mutating func provider(paths: SettingsPaths, serverURL: ServerURL) -> OIDCKeys.Provider {
        name = text("name") ?? ""
        if !Self.isName(name) {
            refuse("name", name, "1 to 32 small letters, digits and -, a letter or digit first")
        }
        var settings = OIDCSettings(
            issuer: text("issuer") ?? "",
            clientID: text("client_id") ?? "",
            clientSecret: "",
            redirectURL: serverURL.description + "/oidc/callback"
        )
        if ServerURL(settings.issuer) == nil { refuse("issuer", settings.issuer, "the provider's URL") }
        if settings.clientID.isEmpty { refuse("client_id", nil, "the client id that the provider gave") }
        settings.name = name
        settings.title = text("title") ?? ""
        settings.scopes = list("scope") ?? settings.scopes
        if !settings.scopes.contains("openid") {
            refuse("scope", settings.scopes.joined(separator: " "), "openid among the scopes")
        }
        settings.extraParameters = texts("extra_params")
        settings.usesExpiryOfToken = flag("use_expiry_from_token", or: false)
        settings.requiresVerifiedEmail = flag("email_verified_required", or: true)
        settings.requiresLoginTime = flag("login_time_required", or: false)
        settings.allowedDomains = list("allowed_domains") ?? []
        settings.allowedUsers = list("allowed_users") ?? []
        settings.allowedGroups = list("allowed_groups") ?? []
        settings.groupsClaim = text("groups_claim") ?? settings.groupsClaim
        settings.stripsEmailDomain = flag("strip_email_domain", or: false)
        settings.usesPKCE = pkce()
        let provider = OIDCKeys.Provider(settings: settings, secret: secret(paths))
        // Not a note: a restriction that is misspelt would let everybody in.
        for unknown in parts.keys.sorted() { refuse(unknown, nil, "no such key in a provider") }
        return provider
    }

    /// It stands in addresses and before the names of groups, whose own may have any character.
    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && !text.hasPrefix("-")
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
            }
    }

    private mutating func secret(_ paths: SettingsPaths) -> Secret? {
        switch (text("client_secret"), text("client_secret_path")) {
        case (nil, nil): return nil
        case (let text?, nil): return .text(text)
        case (nil, let path?):
            let place = OIDCKeys.expanded(path, paths.surroundings.environment)
            return .file(path: paths.resolve(place, for: OIDCKeys.several))
        case (.some, .some):
            refuse("client_secret_path", nil, "nothing: client_secret is given too; keep one of them")
            return nil
        }
    }

    private mutating func pkce() -> Bool {
        guard let value = parts.removeValue(forKey: "pkce") else { return true }
        guard case .mapping(let inner) = value else {
            refuse("pkce", nil, "a mapping with enabled")
            return true
        }
        var entry = OIDCProviderEntry(inner)
        entry.name = name
        let isOn = entry.flag("enabled", or: true)
        if let method = entry.text("method"), method.uppercased() != "S256" {
            entry.refuse("pkce.method", method, "S256")
        }
        for unknown in entry.parts.keys.sorted() { entry.refuse("pkce." + unknown, nil, "no such key in a provider") }
        faults += entry.faults
        return isOn
    }

    private mutating func text(_ key: String) -> String? {
        switch parts.removeValue(forKey: key) {
        case nil: return nil
        case .text(let text)?: return text.isEmpty ? nil : text
        case .list?, .mapping?:
            refuse(key, nil, "one value")
            return nil
        }
    }

    private mutating func flag(_ key: String, or fallback: Bool) -> Bool {
        guard let text = text(key) else { return fallback }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            refuse(key, text, "true or false")
            return fallback
        }
    }

    private mutating func list(_ key: String) -> [String]? {
        switch parts.removeValue(forKey: key) {
        case nil: return nil
        case .text(let text)?:
            return text.split { $0 == "," || $0.isWhitespace }.map(String.init)
        case .list(let items)?:
            let texts = items.compactMap { item -> String? in
                if case .text(let text) = item { text } else { nil }
            }
            if texts.count < items.count { refuse(key, nil, "a list of values") }
            return texts
        case .mapping?:
            refuse(key, nil, "a list of values")
            return nil
        }
    }

    private mutating func texts(_ key: String) -> [String: String] {
        guard let value = parts.removeValue(forKey: key) else { return [:] }
        guard case .mapping(let pairs) = value else {
            refuse(key, nil, "a mapping of parameter names to texts")
            return [:]
        }
        let texts = pairs.compactMapValues { value in if case .text(let text) = value { text } else { nil } }
        if texts.count < pairs.count { refuse(key, nil, "a mapping of parameter names to texts") }
        return texts
    }

    private mutating func refuse(_ key: String, _ value: String?, _ expected: String) {
        let place = name.isEmpty ? key : "\(key) of \(name)"
        faults.append(Fault(value: value, expected: "\(place): \(expected)"))
    }
}
