import Foundation
import NIOCore
import NIOSSL
import ServiceKit
import Testing

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    private static let request = "GET /secure HTTP/1.1\r\nHost: x\r\n\r\n"

    @Test("TLS and plain HTTP share one port")
    func onePort() async throws {
        try await withListener(testSurface()) { listener in
            for transport in Transport.allCases {
                let client = try await listener.client(transport)
                try await client.send(Self.request)
                #expect(try await client.response().body == (transport == .tls ? "tls" : "plain"))
                try await client.close()
            }
        }
    }

    @Test("HTTP/1.1 is spoken whatever a client offers", arguments: [[], ["http/1.1"], ["h2", "http/1.1"], ["h2"]])
    func alpn(offer: [String]) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.tls, alpn: offer)
            try await client.send(Self.request)
            #expect(try await client.response().body == "tls")
            let chosen = try await client.channel.nioSSL_tlsVersion().get()
            #expect(chosen == .tlsv13)
            try await client.close()
        }
    }

    @Test("versions before 1.2 are refused")
    func oldVersion() async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = .tlsv11
        let context = try NIOSSLContext(configuration: configuration)
        try await withListener(testSurface()) { listener in
            let client = try await RawClient.connect(to: listener.address, tls: context)
            await #expect(throws: (any Error).self) { try await client.send(Self.request) }
            #expect(await client.receiveToEnd() == "")
        }
    }

    @Test("a TLS hello to a listener without TLS closes without an answer")
    func helloToPlain() async throws {
        try await withListener(testSurface(), tls: false) { listener in
            let client = try await listener.client(.plain)
            try await client.send(ByteBuffer(bytes: [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00]))
            #expect(await client.receiveToEnd() == "")
            let other = try await listener.client(.plain)
            try await other.send(Self.request)
            #expect(try await other.response().body == "plain")
        }
    }

    @Test(
        "garbage after the first byte of a TLS hello closes",
        arguments: [
            [0x16, 0x00, 0x00, 0x00, 0x00, 0x00],
            [0x16, 0x03, 0x01, 0xFF, 0xFF] + [UInt8](repeating: 0xAA, count: 65_535),
            [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x00],
        ] as [[UInt8]]
    )
    func garbage(bytes: [UInt8]) async throws {
        try await withListener(testSurface()) { listener in
            let client = try await listener.client(.plain)
            try await client.send(ByteBuffer(bytes: bytes))
            _ = await client.receiveToEnd()
            let other = try await listener.client(.tls)
            try await other.send(Self.request)
            #expect(try await other.response().body == "tls")
        }
    }

    @Test("a reloaded certificate is shown to new connections, a bad one changes nothing")
    func reload() async throws {
        let first = try SelfSignedCertificate(host: "first", now: Date())
        let second = try SelfSignedCertificate(host: "second", now: Date())
        let tls = try ServerTLS(certificateChainPEM: first.certificatePEM, privateKeyPEM: first.privateKeyPEM)
        #expect(throws: ServerTLSError.mismatch) {
            try tls.reload(certificateChainPEM: second.certificatePEM, privateKeyPEM: first.privateKeyPEM)
        }
        #expect(throws: ServerTLSError.badCertificate) {
            try tls.reload(certificateChainPEM: "nothing", privateKeyPEM: first.privateKeyPEM)
        }
        #expect(throws: ServerTLSError.badKey) {
            try tls.reload(certificateChainPEM: second.certificatePEM, privateKeyPEM: "nothing")
        }
        try await withListener(testSurface(), configure: { $0.tls = tls }) { listener in
            #expect(try await Self.shown(by: listener) == first.pin)
            try tls.reload(certificateChainPEM: second.certificatePEM, privateKeyPEM: second.privateKeyPEM)
            #expect(try await Self.shown(by: listener) == second.pin)
        }
    }

    /// The pin of the certificate that a client sees.
    private static func shown(by listener: RunningListener) async throws -> String? {
        let client = try await listener.client(.tls)
        try await client.send(request)
        _ = try await client.response()
        let certificate = try await client.channel.nioSSL_peerCertificate().get()
        try await client.close()
        return try certificate.map { pin(ofDER: try $0.toDERBytes()) }
    }
}
