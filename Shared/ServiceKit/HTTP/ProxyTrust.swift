import IPAddresses
import NIOCore
import NIOHTTP1

/// Finds the client's address behind proxies that are trusted to name it.
struct ProxyTrust: Sendable {
    private let trusted: [IPPrefix]

    init(trusted: [IPPrefix]) {
        self.trusted = trusted
    }

    /// The peer, without IPv4-in-IPv6 mapping; or, when the peer is a trusted proxy, the last address in
    /// `X-Forwarded-For` that is not one, else `X-Real-IP`.
    func client(peer: SocketAddress, headers: HTTPHeaders) -> SocketAddress {
        guard let raw = peer.ipAddress.flatMap({ IPAddress($0) }) else { return peer }
        let address = raw.unmapped
        let plain = address == raw ? peer : socketAddress(address, port: peer.port) ?? peer
        guard isTrusted(address) else { return plain }
        return forwarded(headers).flatMap { socketAddress($0, port: 0) } ?? plain
    }

    private func forwarded(_ headers: HTTPHeaders) -> IPAddress? {
        let hops = headers[canonicalForm: "x-forwarded-for"]
        guard !hops.isEmpty else {
            return headers.first(name: "x-real-ip").flatMap { IPAddress($0)?.unmapped }
        }
        var nearest: IPAddress?
        for hop in hops.reversed() {
            // What stands left of a hop that is no address was not written by a proxy we trust.
            guard let address = IPAddress(hop)?.unmapped else { break }
            nearest = address
            guard isTrusted(address) else { break }
        }
        return nearest
    }

    private func isTrusted(_ address: IPAddress) -> Bool {
        trusted.contains { $0.contains(address) }
    }

    private func socketAddress(_ address: IPAddress, port: Int?) -> SocketAddress? {
        try? SocketAddress(ipAddress: "\(address)", port: port ?? 0)
    }
}
