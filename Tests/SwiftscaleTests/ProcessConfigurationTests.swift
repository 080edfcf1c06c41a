import Testing

@testable import swiftscale

@Suite("configuration: processes")
struct ProcessConfigurationTests {
    @Test("a process of its own needs the bus, and says how else", arguments: ProcessKind.allCases)
    func bus(kind: ProcessKind) {
        let faults = ConfigurationSandbox().faults(for: kind)
        #expect(faults.map(\.key) == (kind == .serve ? [] : ["bus.urls"]))
        #expect(faults.allSatisfy { $0.expected.contains("swiftscale serve") })
        #expect(ConfigurationSandbox(yaml: "bus: {urls: nats://a}").faults(for: kind).isEmpty)
    }

    @Test("all in one process takes PostgreSQL, and says that a bus is without effect")
    func serve() throws {
        let yaml = "bus: {urls: nats://a}\ndatabase: {type: postgres}"
        let configuration = try ConfigurationSandbox(yaml: yaml).load(for: .serve)
        #expect(configuration.database.kind == .postgres)
        #expect(configuration.notes.map(\.text).filter { $0.contains("bus.urls") }.count == 1)
    }

    @Test("registry and policy on SQLite are told how far that goes", arguments: [ProcessKind.registry, .policy])
    func sqlite(kind: ProcessKind) throws {
        let notes = try ConfigurationSandbox(yaml: "bus: {urls: nats://a}").load(for: kind).notes
        #expect(notes.map(\.weight) == [.notice])
        let yaml = "bus: {urls: nats://a}\ndatabase: {type: postgres}"
        #expect(try ConfigurationSandbox(yaml: yaml).load(for: kind).notes.isEmpty)
    }

    @Test("a relay that is turned off does not start as a process")
    func disabledRelay() {
        let yaml = "bus: {urls: nats://a}\nderp: {server: {enabled: false}}"
        #expect(ConfigurationSandbox(yaml: yaml).faults(for: .derp).map(\.key) == ["derp.server.enabled"])
        #expect(ConfigurationSandbox(yaml: yaml).faults(for: .gateway).isEmpty)
    }

    @Test(
        "who listens to the world without a name for it is warned",
        arguments: [ProcessKind.serve, .gateway, .derp]
    )
    func unreachable(kind: ProcessKind) throws {
        func warnings(_ more: String) throws -> Int {
            let yaml = "listen_addr: \":80\"\n" + more
            let environment = kind == .serve ? [:] : ["SWIFTSCALE_BUS_URLS": "nats://a"]
            return try ConfigurationSandbox(yaml: yaml, environment: environment).load(for: kind).notes.count
        }
        #expect(try warnings("") == 1)
        #expect(try warnings("server_url: https://vpn.example.com") == 0)
        #expect(try warnings("derp: {server: {hostname: derp.example.com}}") == (kind == .derp ? 0 : 1))
    }

    @Test(
        "a relay's name is a host, perhaps with a port",
        arguments: [
            ("derp.example.com", "derp.example.com", nil), ("derp.example.com:8443", "derp.example.com", 8443),
            ("192.0.2.1", "192.0.2.1", nil), ("192.0.2.1:443", "192.0.2.1", 443), ("2001:db8::1", "2001:db8::1", nil),
            ("[2001:db8::1]:443", "2001:db8::1", 443),
        ] as [(String, String, Int?)]
    )
    func relayHost(text: String, host: String, port: Int?) {
        #expect(RelayHost(text) == RelayHost(host: host, port: port))
    }

    @Test("what is no host is none", arguments: ["", ":443", "a b", "a:0", "a:70000", "https://a", "a/b"])
    func badRelayHost(text: String) {
        #expect(RelayHost(text) == nil)
    }
}
