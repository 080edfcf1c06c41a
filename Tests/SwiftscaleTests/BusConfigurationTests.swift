import Testing

@testable import swiftscale

@Suite("configuration: bus")
struct BusConfigurationTests {
    @Test("without any configuration there is no bus outside of the process")
    func none() throws {
        let bus = try ConfigurationSandbox().load().bus
        #expect(bus.urls.isEmpty)
        #expect(bus.authentication == .none)
        #expect(bus.tls == nil)
    }

    @Test("servers, user and password come from a file or the environment")
    func user() throws {
        let yaml = "bus: {urls: [nats://a:4222, tls://b.example.com], user: gateway, password: secret}"
        let file = try ConfigurationSandbox(yaml: yaml).load().bus
        #expect(file.urls == ["nats://a:4222", "tls://b.example.com"])
        #expect(file.authentication == .user("gateway", .text("secret")))
        let environment = try ConfigurationSandbox(environment: [
            "SWIFTSCALE_BUS_URLS": "nats://a:4222,tls://b.example.com", "SWIFTSCALE_BUS_USER": "gateway",
            "SWIFTSCALE_BUS_PASSWORD": "secret",
        ]).load().bus
        #expect(environment == file)
    }

    @Test("a password may stand in a file of its own, whose path is relative to the one that names it")
    func passwordFile() throws {
        let yaml = "bus: {urls: nats://a, user: dns, password_path: secrets/dns}"
        let bus = try ConfigurationSandbox(yaml: yaml).load().bus
        #expect(bus.authentication == .user("dns", .file(path: "/conf/swiftscale/secrets/dns")))
    }

    @Test("tokens and credentials files are other ways to log in")
    func otherWays() throws {
        func way(_ text: String) throws -> BusSettings.Authentication {
            try ConfigurationSandbox(yaml: "bus: {\(text)}").load().bus.authentication
        }
        #expect(try way("token: t") == .token(.text("t")))
        #expect(try way("token_path: /t") == .token(.file(path: "/t")))
        #expect(try way("credentials_path: /c") == .credentialsFile(path: "/c"))
    }

    @Test("TLS takes an authority, a certificate with its key, or both")
    func tls() throws {
        let yaml = "bus: {tls: {ca_path: /ca, cert_path: /c, key_path: /k}}"
        let tls = try ConfigurationSandbox(yaml: yaml).load().bus.tls
        #expect(tls?.authorityPath == "/ca")
        #expect(tls?.certificate == .init(chainPath: "/c", keyPath: "/k"))
        #expect(try ConfigurationSandbox(yaml: "bus: {tls: {ca_path: /ca}}").load().bus.tls?.certificate == nil)
    }

    @Test(
        "what does not go together is refused",
        arguments: [
            ("user: a", "bus.user"), ("password: p", "bus.user"), ("user: a, password: p, token: t", "bus.token"),
            ("token: t, credentials_path: /c", "bus.credentials_path"),
            ("user: a, password: p, password_path: /p", "bus.password_path"),
            ("token: t, token_path: /t", "bus.token_path"), ("tls: {cert_path: /c}", "bus.tls.key_path"),
            ("tls: {key_path: /k}", "bus.tls.cert_path"),
        ]
    )
    func combinations(text: String, key: String) {
        #expect(ConfigurationSandbox(yaml: "bus: {\(text)}").faults().map(\.key) == [key])
    }

    @Test(
        "a server is a nats:// or tls:// URL without a user",
        arguments: [
            "localhost:4222", "http://a", "nats://", "nats://a:0", "nats://a:70000", "nats://a/x", "nats://a?b",
            "nats://user:secret@a",
        ]
    )
    func badServer(url: String) {
        let faults = ConfigurationSandbox(environment: ["SWIFTSCALE_BUS_URLS": url]).faults()
        #expect(faults.map(\.key) == ["bus.urls"])
        #expect(!"\(faults)".contains("secret"))
    }
}
