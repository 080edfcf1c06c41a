import ControlGatewayService
import ControlModel
import IPAddresses
import Logging
import Testing

@testable import swiftscale

@Suite("configuration: defaults")
struct ConfigurationDefaultsTests {
    @Test("without any configuration the server runs on sane defaults")
    func defaults() throws {
        let configuration = try ConfigurationSandbox().load()
        #expect(configuration.listener.address == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(configuration.listener.serverURL.description == "http://127.0.0.1:8080")
        #expect(configuration.listener.isServerURLDerived)
        #expect(configuration.listener.operationsAddress == ListenAddress(host: "127.0.0.1", port: 9090))
        #expect(configuration.listener.certificate == nil)
        #expect(configuration.listener.socketPermission == 0o770)
        #expect(configuration.listener.trustedProxies.isEmpty)
        #expect(configuration.listener.balancers.isEmpty)
        #expect(configuration.prefixes.ipv4 == IPPrefix("100.64.0.0/10"))
        #expect(configuration.prefixes.ipv6 == IPPrefix("fd7a:115c:a1e0::/48"))
        #expect(configuration.prefixes.allocation == .sequential)
        #expect(configuration.node.keyExpiry == nil)
        #expect(configuration.node.ephemeralInactivity == .seconds(1800))
        #expect(configuration.node.routerProbing == RouterProbing(interval: .seconds(10), timeout: .seconds(5)))
        #expect(configuration.log == LogSettings.expected(.info, .text))
        #expect(configuration.client.timeout == .seconds(5))
        #expect(configuration.notes.isEmpty)
    }

    @Test("the relay is on by default, with STUN beside the listener")
    func relay() throws {
        let derp = try ConfigurationSandbox(yaml: "listen_addr: 10.1.2.3:80").load().derp
        #expect(derp.isEnabled)
        #expect(derp.regionID == 999)
        #expect(derp.verifiesClients)
        #expect(derp.stunAddress == ListenAddress(host: "10.1.2.3", port: 3478))
    }

    @Test("MagicDNS is on, and nobody's own resolvers are overridden unasked")
    func dns() throws {
        let dns = try ConfigurationSandbox().load().dns
        #expect(dns.isMagicDNSEnabled)
        #expect(dns.baseDomain == "tailnet.internal")
        #expect(dns.nameservers == ["1.1.1.1", "1.0.0.1"])
        #expect(!dns.overridesLocalDNS)
        let chosen = try ConfigurationSandbox(yaml: "dns: {nameservers: {global: [9.9.9.9]}}").load().dns
        #expect(chosen.nameservers == ["9.9.9.9"])
        #expect(chosen.overridesLocalDNS)
    }

    @Test("data lies in the user's own place, and in the system's for root")
    func dataDirectory() throws {
        let own = try ConfigurationSandbox().load()
        #expect(own.data.directory == "/home/anna/.local/share/swiftscale")
        #expect(own.database.sqlitePath == "/home/anna/.local/share/swiftscale/db.sqlite")
        #expect(own.data.masterKey == .file(path: "/home/anna/.local/share/swiftscale/master.key"))
        #expect(own.data.noiseKeyPath == "/home/anna/.local/share/swiftscale/noise_private.key")
        #expect(own.data.socketPath == "/home/anna/.local/share/swiftscale/swiftscale.sock")
        #expect(own.derp.privateKeyPath == "/home/anna/.local/share/swiftscale/derp_server_private.key")
        #expect(try ConfigurationSandbox(isRoot: true).load().data.directory == "/var/lib/swiftscale")
    }

    @Test("the URL follows the address that is listened on")
    func derivedURL() throws {
        #expect(
            try ConfigurationSandbox(yaml: "listen_addr: \":9000\"").load().listener.serverURL.description
                == "http://127.0.0.1:9000"
        )
        #expect(
            try ConfigurationSandbox(yaml: "listen_addr: \"[::1]:9000\"").load().listener.serverURL.description
                == "http://[::1]:9000"
        )
    }

    @Test("empty values, nulls and empty sections count as not given")
    func empty() throws {
        let yaml = "listen_addr: ~\nserver_url: \"\"\ndns:\nnode:\n  expiry:\nderp:\n  server:\n"
        let configuration = try ConfigurationSandbox(yaml: yaml, environment: ["SWIFTSCALE_LOG_LEVEL": ""]).load()
        #expect(configuration.listener.address.port == 8080)
        #expect(configuration.notes.isEmpty)
    }

    @Test("trusted proxies are addresses or prefixes, from a file or the environment")
    func trustedProxies() throws {
        let expected = [IPPrefix("127.0.0.1/32"), IPPrefix("10.0.0.0/8")]
        let file = try ConfigurationSandbox(yaml: "trusted_proxies: [127.0.0.1, 10.1.2.3/8]").load()
        #expect(file.listener.trustedProxies == expected)
        let text = ["SWIFTSCALE_TRUSTED_PROXIES": "127.0.0.1,10.0.0.0/8"]
        #expect(try ConfigurationSandbox(environment: text).load().listener.trustedProxies == expected)
        let balancers = try ConfigurationSandbox(yaml: "proxy_protocol_from: [127.0.0.1, 10.1.2.3/8]").load()
        #expect(balancers.listener.balancers == expected && balancers.listener.trustedProxies.isEmpty)
    }

    @Test("an empty metrics address turns metrics off")
    func noMetrics() throws {
        let configuration = try ConfigurationSandbox(yaml: "metrics_listen_addr: \"\"").load()
        #expect(configuration.listener.operationsAddress == nil)
    }
}

extension LogSettings {
    static func expected(_ level: Logger.Level, _ format: Format) -> LogSettings? {
        var settings = try? ConfigurationSandbox().load().log
        settings?.level = level
        settings?.format = format
        return settings
    }
}
