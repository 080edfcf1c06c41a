import ControlGatewayService
import ControlModel
import Testing

@testable import swiftscale

@Suite("configuration: what clients are told")
struct ClientConfigurationTests {
    @Test("without any configuration clients hear of no release, and of no name of the tailnet")
    func defaults() throws {
        let configuration = try ConfigurationSandbox().load()
        #expect(configuration.clientReleases == nil)
        #expect(configuration.tailnet.displayName == nil)
    }

    @Test("releases and their notice come from the file or the environment")
    func releases() throws {
        let expected = ClientReleases(
            latest: try #require(ClientRelease("1.96.5")),
            urgentBelow: ClientRelease("1.95.2"),
            isNotifying: true,
            url: "https://example.com/get?os=linux",
            text: "Please update."
        )
        let yaml = """
            client_version:
              latest: "1.96.5"
              urgent_below: 1.95.2
              notify: true
              url: https://example.com/get?os=linux
              text: Please update.
            """
        #expect(try ConfigurationSandbox(yaml: yaml).load().clientReleases == expected)
        let environment = [
            "SWIFTSCALE_CLIENT_VERSION_LATEST": "1.96.5",
            "SWIFTSCALE_CLIENT_VERSION_URGENT_BELOW": "1.95.2",
            "SWIFTSCALE_CLIENT_VERSION_NOTIFY": "true",
            "SWIFTSCALE_CLIENT_VERSION_URL": "https://example.com/get?os=linux",
            "SWIFTSCALE_CLIENT_VERSION_TEXT": "Please update.",
        ]
        #expect(try ConfigurationSandbox(environment: environment).load().clientReleases == expected)
    }

    @Test(
        "a release that is none, what has no effect, and what would mislead is refused, once",
        arguments: [
            "latest: 1.96", "latest: 1.97.3", "latest: newest", "latest: 1.96.5-tabc", "urgent_below: 1.96.2",
            "notify: true", "latest: 1.96.5, urgent_below: 1.96.6", "latest: 1.96.5, url: https://example.com",
            "latest: 1.96.5, notify: true, url: example.com",
            "latest: 1.96.5, notify: true, url: 'javascript:alert(1)'",
            #"latest: 1.96.5, notify: true, text: "two\nlines""#, "latest: 1.96.5, notify: perhaps",
        ]
    )
    func faults(line: String) {
        #expect(ConfigurationSandbox(yaml: "client_version: {\(line)}").faults().count == 1)
    }

    @Test(
        "the tailnet may have a name",
        arguments: ["example.com", "Foo's Test Tailnet - Staging", "Büro 2", "a", String(repeating: "x", count: 64)]
    )
    func name(name: String) throws {
        let environment = ["SWIFTSCALE_TAILNET_DISPLAY_NAME": name]
        #expect(try ConfigurationSandbox(environment: environment).load().tailnet.displayName == name)
    }

    @Test(
        "what clients could not show is refused",
        arguments: [#"a"b"#, #"a\b"#, "a\nb", " a", "a ", "a/b", "<b>", String(repeating: "x", count: 65)]
    )
    func noName(name: String) {
        #expect(ConfigurationSandbox(environment: ["SWIFTSCALE_TAILNET_DISPLAY_NAME": name]).faults().count == 1)
    }
}
