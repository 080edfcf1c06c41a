import Foundation

/// How the processes reach each other where each service has one of its own.
struct BusSettings: Hashable, Sendable {
    static let urls = ConfigurationKey("bus.urls", .list)
    static let user = ConfigurationKey("bus.user")
    static let password = ConfigurationKey("bus.password", isSecret: true)
    static let passwordPath = ConfigurationKey("bus.password_path")
    static let token = ConfigurationKey("bus.token", isSecret: true)
    static let tokenPath = ConfigurationKey("bus.token_path")
    static let credentials = ConfigurationKey("bus.credentials_path")
    static let authority = ConfigurationKey("bus.tls.ca_path")
    static let certificate = ConfigurationKey("bus.tls.cert_path")
    static let privateKey = ConfigurationKey("bus.tls.key_path")
    static let keys = [
        urls, user, password, passwordPath, token, tokenPath, credentials, authority, certificate, privateKey,
    ]

    /// How a process says who it is.
    enum Authentication: Hashable, Sendable {
        case none
        case user(String, Secret)
        case token(Secret)
        /// A file as `nsc` makes it.
        case credentialsFile(path: String)
    }

    /// What is checked and shown beyond the system's authorities.
    struct TLS: Hashable, Sendable {
        var authorityPath: String?
        var certificate: ListenerSettings.Certificate?
    }

    /// Empty: no bus outside of the process.
    var urls: [String]
    var authentication: Authentication
    /// `nil`: nothing but what the URLs say.
    var tls: TLS?

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        urls = reader.list(Self.urls) ?? []
        for url in urls where !Self.isServer(url) {
            // What a URL holds before its host may be a password.
            let shown = url.contains("@") ? nil : url
            reader.refuse(
                Self.urls,
                value: shown,
                expecting: "URLs like nats://127.0.0.1:4222 or tls://bus.example.com, with no user in them (bus.user)"
            )
        }
        authentication = Self.authentication(&reader, paths: paths)
        tls = Self.tls(&reader, paths: paths)
    }

    static func isServer(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), ["nats", "tls"].contains(url.scheme?.lowercased()),
            let host = url.host, !host.isEmpty, url.user == nil, url.password == nil, url.query == nil,
            url.fragment == nil, ["", "/"].contains(url.path)
        else { return false }
        return url.port.map { (1...65_535).contains($0) } ?? true
    }

    private static func authentication(_ reader: inout SettingsReader, paths: SettingsPaths) -> Authentication {
        let ways = [[user, password, passwordPath], [token, tokenPath], [credentials]].compactMap { keys in
            keys.first { reader.text($0) != nil }
        }
        if ways.count > 1, let last = ways.last {
            reader.refuse(last, value: nil, expecting: "one way to log in, not \(ways[0].name) and this")
            return .none
        }
        if let secret = reader.secret(Self.token, orIn: tokenPath, paths: paths) { return .token(secret) }
        if let path = reader.text(credentials) { return .credentialsFile(path: paths.resolve(path, for: credentials)) }
        switch (reader.text(user), reader.secret(Self.password, orIn: passwordPath, paths: paths)) {
        case (let name?, let password?):
            return .user(name, password)
        case (let name?, nil) where reader.text(Self.password) == nil:
            reader.refuse(user, value: name, expecting: "its password in bus.password_path or bus.password")
        case (nil, .some):
            reader.refuse(user, value: nil, expecting: "the user whose password is given")
        case (_, nil): break
        }
        return .none
    }

    private static func tls(_ reader: inout SettingsReader, paths: SettingsPaths) -> TLS? {
        let path = reader.text(authority).map { paths.resolve($0, for: authority) }
        let pair = reader.certificate(Self.certificate, Self.privateKey, paths: paths)
        guard path != nil || pair != nil else { return nil }
        return TLS(authorityPath: path, certificate: pair)
    }
}
