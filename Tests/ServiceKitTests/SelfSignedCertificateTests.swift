import Crypto
import Foundation
import NIOSSL
import ServiceKit
import Testing

/// Counted apart from the code under test.
func pin(ofDER der: [UInt8]) -> String {
    "sha256-raw:" + SHA256.hash(data: der).map { String(format: "%02x", $0) }.joined()
}

@Suite("Self-signed certificate")
struct SelfSignedCertificateTests {
    @Test("it is made once and found again, with a key for its owner only")
    func reuse() async throws {
        try await withTemporaryFolder { folder in
            let directory = folder + "/certificates"
            let first = try SelfSignedCertificate.loadOrMake(in: directory, host: "relay.example", now: Date())
            let second = try SelfSignedCertificate.loadOrMake(in: directory, host: "relay.example", now: Date())
            #expect(first.certificatePEM == second.certificatePEM)
            #expect(first.privateKeyPEM == second.privateKeyPEM)
            #expect(first.pin == second.pin)
            #expect(try permissions(of: directory + "/key.pem") == 0o600)
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory).sorted() == ["cert.pem", "key.pem"])
            _ = try ServerTLS(certificateChainPEM: second.certificatePEM, privateKeyPEM: second.privateKeyPEM)
        }
    }

    @Test("the pin is the SHA-256 of the certificate's DER")
    func pinOfDER() throws {
        let made = try SelfSignedCertificate(host: "h", now: Date())
        let leaf = try #require(try NIOSSLCertificate.fromPEMBytes(Array(made.certificatePEM.utf8)).first)
        #expect(made.pin == pin(ofDER: try leaf.toDERBytes()))
    }

    @Test("names and addresses are alternative names, and it lasts ten years")
    func contents() throws {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let made = try SelfSignedCertificate(
            host: "relay.example",
            alternativeNames: ["192.0.2.7", "2001:db8::1", "relay.example"],
            now: now
        )
        let leaf = try #require(try NIOSSLCertificate.fromPEMBytes(Array(made.certificatePEM.utf8)).first)
        let names = leaf._subjectAlternativeNames()
        #expect(names.count == 3)
        #expect(
            names.map { Array($0.contents) } == [
                Array("relay.example".utf8), [192, 0, 2, 7],
                [0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            ]
        )
        #expect(Double(leaf.notValidAfter) == now.timeIntervalSince1970 + 10 * 365 * 86_400)
        #expect(Double(leaf.notValidBefore) < now.timeIntervalSince1970)
    }

    @Test("half a pair is never overwritten", arguments: ["cert.pem", "key.pem"])
    func half(missing: String) async throws {
        try await withTemporaryFolder { folder in
            _ = try SelfSignedCertificate.loadOrMake(in: folder, host: "h", now: Date())
            try FileManager.default.removeItem(atPath: folder + "/" + missing)
            #expect {
                try SelfSignedCertificate.loadOrMake(in: folder, host: "h", now: Date())
            } throws: { "\($0)".contains(missing) }
            #expect(!FileManager.default.fileExists(atPath: folder + "/" + missing))
        }
    }

    @Test("a damaged certificate and a folder that cannot be made are named")
    func damaged() async throws {
        try await withTemporaryFolder { folder in
            _ = try SelfSignedCertificate.loadOrMake(in: folder, host: "h", now: Date())
            try "nothing".write(toFile: folder + "/cert.pem", atomically: true, encoding: .utf8)
            #expect {
                try SelfSignedCertificate.loadOrMake(in: folder, host: "h", now: Date())
            } throws: { "\($0)".contains("cert.pem") && !"\($0)".contains("nothing") }
            #expect {
                try SelfSignedCertificate.loadOrMake(in: folder + "/key.pem/below", host: "h", now: Date())
            } throws: { "\($0)".contains("key.pem/below") }
        }
    }
}
