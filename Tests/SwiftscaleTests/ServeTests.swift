import DERPService
import Foundation
import IPAddresses
import Testing

@testable import swiftscale

@Suite("serve: preparation")
struct ServeTests {
    @Test("a data directory is made with its parents, closed to strangers")
    func dataDirectory() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DataDirectory(path: folder + "/a/b").prepare()
        try DataDirectory(path: folder + "/a/b").prepare()
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/a/b")
        #expect(attributes[.posixPermissions] as? Int == 0o750)
    }

    @Test("a data directory below a file is refused with what to do")
    func noDirectory() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data().write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        let failure = #expect(throws: CommandFailure.self) { try DataDirectory(path: file + "/data").prepare() }
        #expect(failure?.message.contains("choose another with --data-dir") == true)
    }

    @Test(
        "configtest says what is wrong with the certificate and the policy that are named, where the process reads them"
    )
    func namedFiles() throws {
        let yaml = """
            tls_cert_path: /nowhere/cert.pem
            tls_key_path: /nowhere/key.pem
            policy: {path: /nowhere/policy.hujson}
            """
        let configuration = try ConfigurationSandbox(yaml: yaml).load()
        func places(_ process: ProcessKind) -> [Bool] {
            let faults = ConfigTest.faults(ofFilesIn: configuration, for: process)
            return ["/nowhere/cert.pem", "/nowhere/policy.hujson"].map { place in faults.contains { $0.contains(place) }
            }
        }
        #expect(places(.serve) == [true, true])
        #expect(places(.gateway) == [true, false])
        #expect(places(.policy) == [false, true])
        #expect(places(.dns) == [false, false])
        let plain = try ConfigurationSandbox(yaml: "{}").load()
        #expect(ConfigTest.faults(ofFilesIn: plain, for: .serve) == [])
    }

    @Test("the self-signed certificate is kept, and pinned where clients meet it themselves")
    func selfSigned() throws {
        try withSandbox { sandbox in
            let configuration = try sandbox.load()
            let first = try ServerCertificate(configuration, now: Date(timeIntervalSince1970: 1_800_000_000))
            let second = try ServerCertificate(configuration, now: Date(timeIntervalSince1970: 1_800_000_001))
            #expect(first.pin.hasPrefix("sha256-raw:"))
            #expect(first.pin == second.pin)
            sandbox.yaml = "server_url: https://vpn.example.com"
            #expect(try ServerCertificate(sandbox.load(), now: Date(timeIntervalSince1970: 1_800_000_000)).pin.isEmpty)
        }
    }

    @Test("a certificate that cannot be read is named")
    func missingCertificate() throws {
        try withSandbox { sandbox in
            sandbox.yaml = "tls_cert_path: /nonexistent/c\ntls_key_path: /nonexistent/k"
            let configuration = try sandbox.load()
            let failure = #expect(throws: CommandFailure.self) {
                try ServerCertificate(configuration, now: Date(timeIntervalSince1970: 1_800_000_000))
            }
            #expect(failure?.message == "/nonexistent/c cannot be read: check tls_cert_path and tls_key_path")
        }
    }

    @Test(
        "relays of a host that is an address are found without DNS",
        arguments: [
            ("http://10.0.0.1:80", "", "10.0.0.1", "none"), ("http://[fd00::1]:80", "", "none", "fd00::1"),
            ("https://vpn.example.com", "", "", ""),
            ("https://vpn.example.com", "derp: {server: {ipv4: 10.0.0.2}}", "10.0.0.2", ""),
        ]
    )
    func relayAddresses(url: String, more: String, ipv4: String, ipv6: String) throws {
        try withSandbox { sandbox in
            sandbox.yaml = "server_url: \"\(url)\"\n\(more)"
            let configuration = try sandbox.load()
            let certificate = try ServerCertificate(configuration, now: Date(timeIntervalSince1970: 1_800_000_000))
            let relay = RelaySetup(configuration: configuration, certificate: certificate).embedded()
            #expect(relay.ipv4 == ipv4)
            #expect(relay.ipv6 == ipv6)
            #expect(relay.regionID == 999)
        }
    }

    /// A configuration whose data directory is private to `body`.
    private func withSandbox(_ body: (inout ConfigurationSandbox) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var sandbox = ConfigurationSandbox(environment: ["SWIFTSCALE_DATA_DIR": folder])
        try body(&sandbox)
    }
}
