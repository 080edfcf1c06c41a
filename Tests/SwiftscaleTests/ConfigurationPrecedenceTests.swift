import ControlModel
import Foundation
import Logging
import Testing

@testable import swiftscale

@Suite("configuration: precedence and sources")
struct ConfigurationPrecedenceTests {
    private let flag = ["data_dir": ConfigurationSources.FlagValue(flag: "--data-dir", text: "/from/flag")]
    private let environment = ["SWIFTSCALE_DATA_DIR": "/from/environment"]
    private let yaml = "data_dir: /from/file"

    @Test("flags come before the environment, the environment before the file")
    func order() throws {
        var sandbox = ConfigurationSandbox(yaml: yaml, environment: environment, flags: flag)
        #expect(try sandbox.load().data.directory == "/from/flag")
        sandbox.flags = [:]
        #expect(try sandbox.load().data.directory == "/from/environment")
        sandbox.environment = [:]
        #expect(try sandbox.load().data.directory == "/from/file")
    }

    @Test("each key has an environment variable, lists divided by commas")
    func environmentNames() throws {
        let configuration = try ConfigurationSandbox(environment: [
            "SWIFTSCALE_DNS_BASE_DOMAIN": "example.org", "SWIFTSCALE_DNS_NAMESERVERS_GLOBAL": "9.9.9.9, 8.8.8.8",
            "SWIFTSCALE_DERP_SERVER_ENABLED": "false", "SWIFTSCALE_NODE_EXPIRY": "180d",
        ]).load()
        #expect(configuration.dns.baseDomain == "example.org")
        #expect(configuration.dns.nameservers == ["9.9.9.9", "8.8.8.8"])
        #expect(!configuration.derp.isEnabled)
        #expect(configuration.node.keyExpiry == .seconds(180 * 86_400))
    }

    @Test("relative paths of a file lie beside it, others where the program was started")
    func relativePaths() throws {
        let fromFile = try ConfigurationSandbox(yaml: "data_dir: data\nunix_socket: ~/s.sock").load()
        #expect(fromFile.data.directory == "/conf/swiftscale/data")
        #expect(fromFile.data.socketPath == "/home/anna/s.sock")
        let fromEnvironment = try ConfigurationSandbox(environment: ["SWIFTSCALE_DATA_DIR": "./data"]).load()
        #expect(fromEnvironment.data.directory == "/work/place/data")
    }

    @Test("the file is the one named, else the first that exists, else none")
    func lookUp() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let named = folder + "/named.yaml"
        let local = folder + "/config.yaml"
        try Data("log: {level: debug}".utf8).write(to: URL(fileURLWithPath: named))
        try Data("log: {level: error}".utf8).write(to: URL(fileURLWithPath: local))
        var sandbox = ConfigurationSandbox()
        func load(_ file: String?) throws -> ServerConfiguration {
            var surroundings = sandbox.surroundings
            surroundings.workingDirectory = folder
            return try ServerConfiguration.load(file: file, surroundings: surroundings) { $0 == local }
        }
        #expect(try load(nil).log.level == .error)
        #expect(try load("named.yaml").log.level == .debug)
        #expect(try load(nil).filePath == local)
        sandbox.environment = ["SWIFTSCALE_CONFIG": named]
        #expect(try load(nil).log.level == .debug)
        #expect(throws: ConfigurationError.self) { try load("missing.yaml") }
    }

    @Test("JSON is read too")
    func json() throws {
        let configuration = try ConfigurationSandbox(yaml: #"{"node": {"expiry": "1w"}, "LISTEN_ADDR": "[::]:1"}"#)
            .load()
        #expect(configuration.node.keyExpiry == .seconds(7 * 86_400))
        #expect(configuration.listener.address.description == "[::]:1")
    }

    @Test("split nameservers and records come with their parts")
    func structures() throws {
        let yaml = """
            dns:
              nameservers:
                split: {corp.example.com: [10.0.0.1, 10.0.0.2], home.arpa.: 10.0.0.3}
              extra_records:
                - {name: db.example.com, type: a, value: 100.64.0.9}
                - {name: six.example.com, value: "fd7a::1"}
            """
        let dns = try ConfigurationSandbox(yaml: yaml).load().dns
        #expect(dns.splitNameservers == ["corp.example.com": ["10.0.0.1", "10.0.0.2"], "home.arpa": ["10.0.0.3"]])
        #expect(dns.extraRecords.map(\.type) == ["A", "AAAA"])
    }
}
