import IPAddresses

/// The name by which clients reach a relay, perhaps with a port.
struct RelayHost: Hashable, Sendable {
    /// A name or an address, without brackets.
    var host: String
    /// `nil`: the one that the relay listens on.
    var port: Int?

    init(host: String, port: Int? = nil) {
        self.host = host
        self.port = port
    }

    /// Reads `derp.example.com`, `derp.example.com:8443`, `192.0.2.1`, `2001:db8::1` or `[2001:db8::1]:8443`.
    init?(_ text: String) {
        if IPAddress(text) != nil {
            self.init(host: text)
        } else if let address = ListenAddress(text), address.port != 0, !text.hasPrefix(":") {
            self.init(host: address.host, port: address.port)
        } else if !text.hasPrefix(":"), let address = ListenAddress(text + ":0"), !text.isEmpty {
            self.init(host: address.host)
        } else {
            return nil
        }
    }
}
