import IPAddresses

/// A host and a port to listen on.
///
/// Text form: `127.0.0.1:8080`, `[::1]:8080`, or `:8080` for all addresses.
struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address or a name, without brackets.
    var host: String
    /// 0 lets the system choose.
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Returns `nil` without a port from 0 to 65535, or with something that is no host.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard IPv6Address(host) != nil else { return nil }
        } else if !host.isEmpty {
            guard Self.isHostName(host) else { return nil }
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : String(host), port: Int(port))
    }

    /// Whether it means all addresses of the machine.
    var isWildcard: Bool { host == "0.0.0.0" || host == "::" }

    /// A host by which this machine itself reaches the address.
    var reachableHost: String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    /// `host:port`, with brackets around an IPv6 address.
    static func text(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    var description: String { Self.text(host: host, port: port) }

    private static func isHostName(_ host: Substring) -> Bool {
        if IPv4Address(host) != nil { return true }
        let isName = host.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        }
        return isName && host.utf8.count <= 253 && host.contains { $0.isLetter }
    }
}
