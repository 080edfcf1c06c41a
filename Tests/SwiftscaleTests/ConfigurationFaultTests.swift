import PolicyService
import Testing

@testable import swiftscale

@Suite("configuration: faults and notes")
struct ConfigurationFaultTests {
    @Test(
        "a bad value stops the start and is named with its line",
        arguments: [
            ("listen_addr", "8080"), ("listen_addr", "localhost:99999"), ("listen_addr", "a b:80"),
            ("listen_addr", "::1:80"),
            ("server_url", "vpn.example.com"), ("server_url", "ftp://x"), ("server_url", "http://"),
            ("server_url", "https://vpn.example.com/path"), ("metrics_listen_addr", "127.0.0.1:8080"),
            ("dns.base_domain", String(repeating: "a.", count: 95) + "b"),
            ("metrics_listen_addr", "nowhere"), ("unix_socket_permission", "rw"), ("unix_socket_permission", "0o1777"),
            ("trusted_proxies", "proxy.example.com"), ("trusted_proxies", "10.0.0.0/33"),
            ("proxy_protocol_from", "::/0"),
            ("prefixes.v4", "100.64.0.0"), ("prefixes.v4", "fd7a::/48"), ("prefixes.v4", "100.64.0.0/31"),
            ("prefixes.v6", "10.0.0.0/8"), ("prefixes.allocation", "best"), ("derp.server.enabled", "maybe"),
            ("derp.server.region_id", "0"), ("derp.server.region_id", "many"), ("derp.server.stun_listen_addr", "3478"),
            ("derp.server.ipv4", "::1"), ("derp.server.ipv6", "1.1.1.1"), ("dns.magic_dns", "2"),
            ("dns.base_domain", "bad domain"), ("node.expiry", "180"), ("node.expiry", "-1d"),
            ("node.ephemeral.inactivity_timeout", "65s"),
            ("node.routes.ha.probe_interval", "1s"), ("node.routes.ha.probe_timeout", "0"),
            ("node.routes.ha.probe_timeout", "10s"), ("node.routes.ha.probe_timeout", "500ms"), ("log.level", "loud"),
            ("log.format", "xml"),
            ("policy.mode", "net"), ("database.type", "mysql"), ("database.postgres.port", "0"),
            ("database.postgres.max_open_conns", "0"),
            ("database.postgres.ssl", "perhaps"), ("derp.server.hostname", "a b"), ("derp.server.hostname", ":443"),
            ("cli.timeout", "0"), ("cli.insecure", "perhaps"),
        ]
    )
    func badValue(key: String, value: String) {
        var yaml = "log: {format: text}\n"
        let parts = key.split(separator: ".")
        if key.hasPrefix("log.") { yaml = "\n" }
        for (depth, part) in parts.enumerated() { yaml += String(repeating: "  ", count: depth) + "\(part):\n" }
        yaml = yaml.dropLast() + " \"\(value)\"\n"
        let faults = ConfigurationSandbox(yaml: yaml).faults()
        #expect(faults.map(\.key) == [key])
        #expect(faults.first?.value == value)
        #expect(faults.first?.place == "\(ConfigurationSandbox.path):\(1 + parts.count)")
        #expect(faults.first?.expected.isEmpty == false)
    }

    @Test(
        "a proxy list that would believe everybody, or is no network, is refused",
        arguments: ["0.0.0.0/0", "::/0", "x"]
    )
    func badProxies(network: String) {
        let faults = ConfigurationSandbox(yaml: "trusted_proxies: [10.0.0.0/8, \"\(network)\"]").faults()
        #expect(faults.map(\.key) == ["trusted_proxies"])
        #expect(faults.first?.value == network)
    }

    @Test("a bad value of the environment is named with its variable")
    func badEnvironment() {
        let faults = ConfigurationSandbox(environment: ["SWIFTSCALE_LISTEN_ADDR": "x"]).faults()
        #expect(
            faults.map(\.description) == [
                "listen_addr is \"x\" (environment variable SWIFTSCALE_LISTEN_ADDR): "
                    + "expected host:port, e.g. 127.0.0.1:8080"
            ]
        )
    }

    @Test("all faults are reported at once")
    func allAtOnce() {
        let yaml = "listen_addr: x\nnode: {expiry: y}\nrandomize_client_port: true\ndns: {nameservers: {global: [z]}}"
        let faults = ConfigurationSandbox(yaml: yaml, environment: ["SWIFTSCALE_LOG_LEVEL": "w"]).faults()
        #expect(
            Set(faults.map(\.key)) == [
                "listen_addr", "node.expiry", "randomize_client_port", "dns.nameservers.global", "log.level",
            ]
        )
    }

    @Test(
        "keys that headscale removed stop the start and say what to use",
        arguments: ["acl_policy_path: a", "dns_config: {magic_dns: true}", "dns_config:", "oidc: {expiry: 1d}"]
    )
    func removed(yaml: String) {
        let faults = ConfigurationSandbox(yaml: yaml).faults()
        #expect(faults.count == 1)
        #expect(faults.first?.expected.contains("use instead: ") == true)
    }

    @Test(
        "an unknown key is a warning with the nearest known key",
        arguments: [
            (
                "listen_adr: 127.0.0.1:1",
                "unknown key listen_adr (/conf/swiftscale/config.yaml:1) is ignored; did you mean listen_addr?"
            ),
            (
                "dns:\n  base_domian: x",
                "unknown key dns.base_domian (/conf/swiftscale/config.yaml:2) is ignored; did you mean dns.base_domain?"
            ),
            ("zzzzzzzzzzz: 1", "unknown key zzzzzzzzzzz (/conf/swiftscale/config.yaml:1) is ignored"),
            ("dns: text", "unknown key dns (/conf/swiftscale/config.yaml:1) is ignored"),
        ]
    )
    func unknown(yaml: String, note: String) throws {
        let notes = try ConfigurationSandbox(yaml: yaml).load().notes
        #expect(notes.map(\.weight) == [.warning])
        #expect(notes.first?.text.hasPrefix(note) == true, "\(notes)")
    }

    @Test("an unknown variable is a warning too")
    func unknownVariable() throws {
        let notes = try ConfigurationSandbox(environment: ["SWIFTSCALE_LISTEN_ADR": "x", "PATH": "y"]).load().notes
        #expect(
            notes.map(\.text) == [
                "unknown key SWIFTSCALE_LISTEN_ADR (environment) is ignored; did you mean SWIFTSCALE_LISTEN_ADDR?"
            ]
        )
    }

    @Test("keys that wait for support are named in one notice")
    func pending() throws {
        let yaml = "tuning: {batcher_workers: 3}\nacme_email: a@b\nderp: {urls: [https://d]}"
        let notes = try ConfigurationSandbox(yaml: yaml).load().notes
        #expect(notes.map(\.weight) == [.notice])
        #expect(
            notes.first?.text == "not supported yet and without effect: acme_email, derp.urls, tuning.batcher_workers"
        )
    }

    @Test("a policy file that is not read is a warning")
    func policy() throws {
        let notes = try ConfigurationSandbox(yaml: "policy: {path: acl.hujson, mode: database}").load().notes
        #expect(notes.map(\.weight) == [.warning])
        #expect(notes.first?.text.contains("/conf/swiftscale/acl.hujson is not read") == true)
        let read = try ConfigurationSandbox(yaml: "policy: {path: acl.hujson}").load()
        #expect(read.notes.isEmpty)
        #expect(read.policy.source == .file(path: "/conf/swiftscale/acl.hujson"))
        #expect(try ConfigurationSandbox(yaml: "policy: {mode: file}").load().policy.source == .database)
    }

    @Test(
        "what does not fit together is a fault",
        arguments: [
            ("server_url: https://vpn.example.com\ndns: {base_domain: example.com}", "dns.base_domain"),
            ("server_url: https://Example.com\ndns: {base_domain: example.com}", "dns.base_domain"),
            ("noise: {private_key_path: /k}\nderp: {server: {private_key_path: /k}}", "derp.server.private_key_path"),
            ("tls_cert_path: /c", "tls_key_path"), ("tls_key_path: /c", "tls_cert_path"),
            ("dns: {override_local_dns: true, nameservers: {global: []}}", "dns.override_local_dns"),
            ("cli: {address: vpn.example.com}", "cli.api_key"), ("listen_addr: [a, b]", "listen_addr"),
            ("dns: {nameservers: {global: {a: b}}}", "dns.nameservers.global"),
            ("dns: {nameservers: {split: [a]}}", "dns.nameservers.split"),
            ("dns: {extra_records: [{name: a}]}", "dns.extra_records"),
            (
                "dns: {extra_records: [{name: a.b, value: 1.2.3.4}], extra_records_path: /etc/records.json}",
                "dns.extra_records_path"
            ),
        ]
    )
    func combinations(yaml: String, key: String) {
        #expect(ConfigurationSandbox(yaml: yaml).faults().map(\.key) == [key])
    }

    @Test("what is not YAML is refused", arguments: ["a: [", "- a", "text", "a: 1\na: 2", "\tb: 1"])
    func notYAML(text: String) {
        #expect(throws: ConfigurationError.self) { try ConfigurationFile(path: "f", text: text) }
    }

    @Test("faults come with the warnings beside them, each on a line")
    func faultsAndWarnings() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try ConfigurationSandbox(yaml: "log: {level: loud}\nlisten_adr: x").load()
        }
        let lines = try #require(error).description.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first == "the configuration has 1 fault:")
        #expect(lines.last?.hasSuffix("did you mean listen_addr?") == true)
    }

    @Test("secrets are never shown")
    func secrets() {
        let sandbox = ConfigurationSandbox(environment: [
            "SWIFTSCALE_CLI_API_KEY": "hskey-api-x", "SWIFTSCALE_CLI_ADDRESS": ":",
        ])
        #expect(!sandbox.faults().isEmpty)
        #expect(!"\(sandbox.faults())".contains("hskey"))
    }
}
