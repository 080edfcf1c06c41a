import OpenIDConnect

/// Several login providers, from the list `oidc.providers`: each has the keys that one alone has under `oidc`, and a name.
enum OIDCProviderList {
    /// Most providers.
    static let limit = 32
    private static let key = OIDCKeys.several

    static func read(
        _ reader: inout SettingsReader,
        paths: SettingsPaths,
        serverURL: ServerURL
    ) -> [OIDCKeys.Provider] {
        guard let structure = reader.structure(key) else { return [] }
        guard case .list(let items) = structure, items.count <= limit else {
            reader.refuse(key, value: nil, expecting: "a list of at most \(limit) providers")
            return []
        }
        var providers: [OIDCKeys.Provider] = []
        for item in items {
            guard case .mapping(let parts) = item else {
                reader.refuse(key, value: nil, expecting: "name, issuer and client_id in each provider")
                continue
            }
            var entry = OIDCProviderEntry(parts)
            let provider = entry.provider(paths: paths, serverURL: serverURL)
            for fault in entry.faults { reader.refuse(key, value: fault.value, expecting: fault.expected) }
            providers.append(provider)
        }
        requireDistinct(providers, &reader)
        return providers
    }

    /// Users are known by issuer and subject: one issuer in two entries would be two ways to be the same user.
    private static func requireDistinct(_ providers: [OIDCKeys.Provider], _ reader: inout SettingsReader) {
        var names: Set<String> = []
        var issuers: Set<String> = []
        for settings in providers.map(\.settings) {
            if !names.insert(settings.name).inserted {
                reader.refuse(key, value: settings.name, expecting: "another name in each provider")
            }
            let issuer = settings.issuer.hasSuffix("/") ? String(settings.issuer.dropLast()) : settings.issuer
            if !issuers.insert(issuer).inserted {
                reader.refuse(key, value: settings.issuer, expecting: "another issuer in each provider")
            }
        }
    }
}
