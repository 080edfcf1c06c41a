import Foundation

/// The URL by which clients reach the server: scheme, host, perhaps a port, no final slash.
///
/// Without a path: clients leave it out.
struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// `http` or `https`.
    let scheme: String
    /// A name or an address, without brackets.
    let host: String
    /// `nil`: the scheme's own.
    let port: Int?
    let description: String

    init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = url.host, !host.isEmpty,
            url.path.isEmpty || url.path == "/", url.query == nil, url.fragment == nil, url.user == nil
        else { return nil }
        if let port = url.port, !(1...65_535).contains(port) { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port
        description = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// The URL of a server that was not told one: where it listens.
    init(listeningOn address: ListenAddress) {
        scheme = "http"
        host = address.reachableHost
        port = address.port
        description = "http://" + ListenAddress.text(host: address.reachableHost, port: address.port)
    }

    /// The port that clients connect to.
    var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }
}
