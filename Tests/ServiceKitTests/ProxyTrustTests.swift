import IPAddresses
import NIOCore
import NIOHTTP1
import Testing

@testable import ServiceKit

@Suite("Trusted proxies")
struct ProxyTrustTests {
    private let trust = ProxyTrust(trusted: ["10.0.0.0/8", "2001:db8::/32"].compactMap { IPPrefix($0) })

    @Test(
        "the client's address is what a trusted proxy wrote, and nothing else",
        arguments: [
            ("10.1.1.1", ["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
            ("2001:db8::5", ["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
            ("::ffff:10.1.1.1", ["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", ["X-Forwarded-For: 2a00::1"], "2a00::1"),
            // A client can write the first entries itself.
            ("10.1.1.1", ["X-Forwarded-For: 1.1.1.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            ("10.1.1.1", ["X-Forwarded-For: 10.3.3.3, 10.2.2.2"], "10.3.3.3"),
            ("10.1.1.1", ["X-Forwarded-For: 1.1.1.1, nonsense, 10.2.2.2"], "10.2.2.2"),
            ("10.1.1.1", ["X-Forwarded-For: nonsense"], "10.1.1.1"),
            ("10.1.1.1", ["X-Real-IP: 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", ["X-Real-IP: nonsense"], "10.1.1.1"),
            ("10.1.1.1", [], "10.1.1.1"),
            ("203.0.113.1", ["X-Forwarded-For: 1.1.1.1", "X-Real-IP: 1.1.1.1"], "203.0.113.1"),
            ("::ffff:203.0.113.1", ["X-Forwarded-For: 1.1.1.1"], "203.0.113.1"),
        ]
    )
    func client(peer: String, headers: [String], expected: String) throws {
        var fields = HTTPHeaders()
        for header in headers {
            let parts = header.split(separator: ":", maxSplits: 1).map(String.init)
            fields.add(name: parts[0], value: String(parts[1].dropFirst()))
        }
        let address = trust.client(peer: try SocketAddress(ipAddress: peer, port: 5), headers: fields)
        #expect(address.ipAddress == expected)
    }

    @Test(
        "handlers see the address behind a trusted proxy",
        arguments: [("127.0.0.0/8", "203.0.113.9"), ("10.0.0.0/8", "127.0.0.1")]
    )
    func throughListener(trusted: String, expected: String) async throws {
        try await withListener(
            testSurface(),
            configure: { $0.trustedProxies = [trusted].compactMap { IPPrefix($0) } }
        ) { listener in
            let client = try await listener.client(.plain)
            try await client.send("GET /from HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n")
            #expect(try await client.response().body == expected)
        }
    }
}
