import IPAddresses

/// Where the server listens and by which URL clients reach it.
struct ListenerSettings: Hashable, Sendable {
    static let listen = ConfigurationKey("listen_addr")
    static let url = ConfigurationKey("server_url")
    static let metrics = ConfigurationKey("metrics_listen_addr")
    static let certificate = ConfigurationKey("tls_cert_path")
    static let privateKey = ConfigurationKey("tls_key_path")
    static let socketPermission = ConfigurationKey("unix_socket_permission")
    static let trustedProxies = ConfigurationKey("trusted_proxies", .list)
    static let balancers = ConfigurationKey("proxy_protocol_from", .list)
    static let keys = [
        listen, url, metrics, certificate, privateKey, socketPermission, trustedProxies, balancers,
    ]

    /// A certificate chain and its key, both PEM.
    struct Certificate: Hashable, Sendable {
        var chainPath: String
        var keyPath: String
    }

    var address: ListenAddress
    var serverURL: ServerURL
    /// Whether ``serverURL`` follows from ``address`` because nothing gave it.
    var isServerURLDerived: Bool
    /// Metrics and health; `nil`: not served.
    var operationsAddress: ListenAddress?
    /// `nil`: a self-signed one is made in the data directory.
    var certificate: Certificate?
    /// File mode of the local socket.
    var socketPermission: UInt16
    /// Whose word on a client's address is taken, in a header of HTTP.
    var trustedProxies: [IPPrefix]
    /// Whose word is taken in front of a connection.
    var balancers: [IPPrefix]

    init(_ reader: inout SettingsReader, paths: SettingsPaths) {
        let form = "host:port, e.g. 127.0.0.1:8080"
        address = reader.value(
            Self.listen,
            or: ListenAddress(host: "127.0.0.1", port: 8080),
            expecting: form,
            ListenAddress.init
        )
        let given: ServerURL? = reader.value(
            Self.url,
            or: nil,
            expecting: "a URL that starts with http:// or https://, without path, query and user"
        ) { text -> ServerURL?? in
            // Clients leave a path out.
            guard let url = ServerURL(text), !url.hasPath else { return nil }
            return url
        }
        serverURL = given ?? ServerURL(listeningOn: address)
        isServerURLDerived = given == nil
        operationsAddress = ListenAddress(host: "127.0.0.1", port: 9090)
        if reader.sources.isGiven(Self.metrics) {
            operationsAddress = reader.value(Self.metrics, or: nil, expecting: form + ", or nothing") {
                ListenAddress($0)
            }
        }
        if let operations = operationsAddress, operations == address, operations.port != 0 {
            reader.refuse(Self.metrics, value: "\(operations)", expecting: "another address than \(Self.listen.name)")
        }
        certificate = reader.certificate(Self.certificate, Self.privateKey, paths: paths)
        socketPermission = reader.value(Self.socketPermission, or: 0o770, expecting: "a file mode like 0770") { text in
            let digits = text.hasPrefix("0o") ? text.dropFirst(2) : Substring(text)
            return UInt16(digits, radix: 8).flatMap { $0 <= 0o777 ? $0 : nil }
        }
        trustedProxies = reader.networks(Self.trustedProxies)
        balancers = reader.networks(Self.balancers)
    }
}

extension SettingsReader {
    /// Addresses and prefixes whose word is believed.
    fileprivate mutating func networks(_ key: ConfigurationKey) -> [IPPrefix] {
        var prefixes: [IPPrefix] = []
        for text in list(key) ?? [] {
            // A prefix of length 0 would believe everybody.
            if let prefix = IPPrefix(text) ?? IPAddress(text).map(IPPrefix.init(single:)), prefix.length > 0 {
                prefixes.append(prefix.masked)
            } else {
                refuse(
                    key,
                    value: text,
                    expecting: "addresses or prefixes, e.g. 127.0.0.1, 10.0.0.0/8, none of length 0"
                )
            }
        }
        return prefixes
    }

    /// A certificate and its key, each under a key of its own; one alone is a fault.
    mutating func certificate(
        _ certificate: ConfigurationKey,
        _ privateKey: ConfigurationKey,
        paths: SettingsPaths
    ) -> ListenerSettings.Certificate? {
        switch (text(certificate), text(privateKey)) {
        case (nil, nil):
            return nil
        case (let chain?, let key?):
            return ListenerSettings.Certificate(
                chainPath: paths.resolve(chain, for: certificate),
                keyPath: paths.resolve(key, for: privateKey)
            )
        case (.some, nil):
            refuse(privateKey, value: nil, expecting: "the key of the certificate in \(certificate.name)")
            return nil
        case (nil, .some):
            refuse(certificate, value: nil, expecting: "the certificate of the key in \(privateKey.name)")
            return nil
        }
    }
}
