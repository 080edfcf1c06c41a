/// How the admin commands reach a server.
struct ClientSettings: Hashable, Sendable {
    static let address = ConfigurationKey("cli.address")
    static let apiKey = ConfigurationKey("cli.api_key", isSecret: true)
    static let timeout = ConfigurationKey("cli.timeout")
    static let insecure = ConfigurationKey("cli.insecure")
    static let keys = [address, apiKey, timeout, insecure]

    /// `nil`: over the local socket.
    var serverURL: ServerURL?
    /// A secret.
    var apiKey: String?
    var timeout: Duration
    /// Whether the server's certificate is taken without a check.
    var isInsecure: Bool

    init(_ reader: inout SettingsReader) {
        serverURL = reader.value(
            Self.address,
            or: nil,
            expecting: "host:port or a URL, e.g. https://vpn.example.com"
        ) { text in
            ServerURL(text.contains("://") ? text : "https://" + text)
        }
        apiKey = reader.text(Self.apiKey)
        timeout = reader.value(Self.timeout, or: .seconds(5), expecting: "a duration like 5s") { text in
            DurationText.parse(text).flatMap { $0 > .zero ? $0 : nil }
        }
        isInsecure = reader.flag(Self.insecure, or: false)
        if serverURL != nil, apiKey == nil, reader.sources.isGiven(Self.address) {
            reader.refuse(
                Self.apiKey,
                value: nil,
                expecting: "the API key for cli.address; make one with: swiftscale apikeys create"
            )
        }
    }
}
