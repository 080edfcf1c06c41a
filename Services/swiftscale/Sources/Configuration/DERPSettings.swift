import IPAddresses

/// The relay, inside the server or in a process of its own.
struct DERPSettings: Hashable, Sendable {
    static let enabled = ConfigurationKey("derp.server.enabled")
    static let regionID = ConfigurationKey("derp.server.region_id")
    static let regionCode = ConfigurationKey("derp.server.region_code")
    static let regionName = ConfigurationKey("derp.server.region_name")
    static let verifyClients = ConfigurationKey("derp.server.verify_clients")
    static let stun = ConfigurationKey("derp.server.stun_listen_addr")
    static let privateKey = ConfigurationKey("derp.server.private_key_path")
    static let ipv4 = ConfigurationKey("derp.server.ipv4")
    static let ipv6 = ConfigurationKey("derp.server.ipv6")
    static let hostName = ConfigurationKey("derp.server.hostname")
    static let keys = [
        enabled, regionID, regionCode, regionName, verifyClients, stun, privateKey, ipv4, ipv6, hostName,
    ]

    var isEnabled: Bool
    var regionID: Int
    var regionCode: String
    var regionName: String
    /// Whether only known nodes may use the relay.
    var verifiesClients: Bool
    var stunAddress: ListenAddress
    var privateKeyPath: String
    /// Published so that clients need no DNS; `nil`: by name.
    var ipv4: IPv4Address?
    var ipv6: IPv6Address?
    /// For a relay in a process of its own; `nil`: the host of the server's URL.
    var hostName: RelayHost?

    init(_ reader: inout SettingsReader, paths: SettingsPaths, listener: ListenerSettings, data: DataSettings) {
        isEnabled = reader.flag(Self.enabled, or: true)
        regionID = reader.integer(Self.regionID, or: 999, in: 1...65_535)
        regionCode = reader.text(Self.regionCode) ?? "swiftscale"
        regionName = reader.text(Self.regionName) ?? "swiftscale embedded relay"
        verifiesClients = reader.flag(Self.verifyClients, or: true)
        stunAddress = reader.value(
            Self.stun,
            or: ListenAddress(host: listener.address.host, port: 3478),
            expecting: "host:port, e.g. 0.0.0.0:3478"
        ) { ListenAddress($0) }
        privateKeyPath =
            reader.text(Self.privateKey).map { paths.resolve($0, for: Self.privateKey) }
            ?? data.directory + "/derp_server_private.key"
        ipv4 = reader.value(Self.ipv4, or: nil, expecting: "an IPv4 address") { IPv4Address($0) }
        ipv6 = reader.value(Self.ipv6, or: nil, expecting: "an IPv6 address") { IPv6Address($0) }
        hostName = reader.value(
            Self.hostName,
            or: nil,
            expecting: "the name by which clients reach the relay, perhaps with a port, e.g. derp1.example.com"
        ) { RelayHost($0) }
        if privateKeyPath == data.noiseKeyPath {
            reader.refuse(
                Self.privateKey,
                value: privateKeyPath,
                expecting: "another file than noise.private_key_path"
            )
        }
    }

    /// The name by which clients reach a relay in a process of its own.
    func publicHost(_ listener: ListenerSettings) -> String {
        hostName?.host ?? listener.serverURL.host
    }
}
