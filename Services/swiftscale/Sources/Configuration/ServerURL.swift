import Foundation

/// The URL by which clients reach the server: scheme, host, perhaps a port and a path, no final slash.
struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// `http` or `https`.
    let scheme: String
    /// A name or an address, without brackets.
    let host: String
    /// `nil`: the scheme's own.
    let port: Int?
    let hasPath: Bool
    let description: String

    init?(_ text: String) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = url.host, !host.isEmpty,
            url.query == nil, url.fragment == nil, url.user == nil
        else { return nil }
        if let port = url.port, !(1...65_535).contains(port) { return nil }
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port
        hasPath = !url.path.isEmpty && url.path != "/"
        description = text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// The URL of a server that was not told one: where it listens.
    init(listeningOn address: ListenAddress) {
        scheme = "http"
        host = address.reachableHost
        port = address.port
        hasPath = false
        description = "http://" + ListenAddress.text(host: address.reachableHost, port: address.port)
    }

    /// The port that clients connect to.
    var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }
}
