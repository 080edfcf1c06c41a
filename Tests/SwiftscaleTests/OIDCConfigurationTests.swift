import OpenIDConnect
import Testing

@testable import swiftscale

@Suite("configuration: login through a provider")
struct OIDCConfigurationTests {
    @Test("without an issuer nobody is sent anywhere")
    func absent() throws {
        let configuration = try ConfigurationSandbox(yaml: "oidc: {client_id: x}").load()
        #expect(try configuration.oidc.complete() == [])
    }

    @Test("every key is read, from file and environment")
    func read() throws {
        let yaml = """
            server_url: https://vpn.test
            oidc:
              issuer: https://id.test/realms/main
              client_id: swiftscale
              client_secret: s3cret
              scope: [openid, groups]
              extra_params: {domain_hint: example.com}
              use_expiry_from_token: true
              email_verified_required: false
              login_time_required: true
              allowed_domains: [example.com]
              allowed_users: [a@example.com]
              allowed_groups: [staff]
              groups_claim: realm_access.roles
              strip_email_domain: true
              pkce: {enabled: false, method: S256}
            """
        let sandbox = ConfigurationSandbox(
            yaml: yaml,
            environment: ["SWIFTSCALE_OIDC_ONLY_START_IF_OIDC_IS_AVAILABLE": "false"]
        )
        let oidc = try sandbox.load().oidc
        let settings = try #require(try oidc.complete().first)
        #expect(!oidc.mustBeAvailable)
        #expect(settings.issuer == "https://id.test/realms/main")
        #expect(settings.redirectURL == "https://vpn.test/oidc/callback")
        #expect(settings.clientSecret == "s3cret")
        #expect(settings.scopes == ["openid", "groups"])
        #expect(settings.extraParameters == ["domain_hint": "example.com"])
        #expect(settings.usesExpiryOfToken && !settings.requiresVerifiedEmail && settings.stripsEmailDomain)
        #expect(settings.requiresLoginTime)
        #expect(settings.allowedDomains == ["example.com"] && settings.allowedUsers == ["a@example.com"])
        #expect(settings.allowedGroups == ["staff"] && settings.groupsClaim == "realm_access.roles")
        #expect(!settings.usesPKCE)
    }

    private static let several = """
        server_url: https://vpn.test
        oidc:
          only_start_if_oidc_is_available: false
          providers:
            - name: corp
              title: Example Corp
              issuer: https://id.test/realms/main
              client_id: swiftscale
              client_secret: s3cret
              scope: [openid, groups]
              extra_params: {domain_hint: example.com}
              use_expiry_from_token: true
              email_verified_required: false
              login_time_required: true
              allowed_domains: [example.com]
              allowed_users: [a@example.com, b@example.com]
              allowed_groups: staff
              groups_claim: https://example.com/groups
              strip_email_domain: true
              pkce: {enabled: false}
            - {name: guests-2, issuer: "https://guests.test/", client_id: other, client_secret_path: "${PLACE}/secret"}
        """

    @Test("several providers stand in a list, each with all keys")
    func list() throws {
        let oidc = try ConfigurationSandbox(yaml: Self.several, environment: ["PLACE": "/run/x"]).load().oidc
        #expect(!oidc.mustBeAvailable)
        #expect(oidc.providers.count == 2)
        let first = try #require(oidc.providers.first)
        #expect(first.secret == .text("s3cret"))
        #expect(first.settings.name == "corp" && first.settings.shownTitle == "Example Corp")
        #expect(first.settings.issuer == "https://id.test/realms/main" && first.settings.clientID == "swiftscale")
        #expect(first.settings.redirectURL == "https://vpn.test/oidc/callback")
        #expect(first.settings.scopes == ["openid", "groups"])
        #expect(first.settings.extraParameters == ["domain_hint": "example.com"])
        #expect(first.settings.usesExpiryOfToken && !first.settings.requiresVerifiedEmail)
        #expect(first.settings.stripsEmailDomain && !first.settings.usesPKCE)
        #expect(first.settings.allowedDomains == ["example.com"])
        #expect(first.settings.allowedUsers == ["a@example.com", "b@example.com"])
        #expect(first.settings.allowedGroups == ["staff"])
        #expect(first.settings.groupsClaim == "https://example.com/groups")
        let second = try #require(oidc.providers.last)
        #expect(second.secret == .file(path: "/run/x/secret"))
        #expect(second.settings.name == "guests-2" && second.settings.shownTitle == "guests.test")
        #expect(second.settings.usesPKCE && second.settings.requiresVerifiedEmail)
        #expect(second.settings.allowedDomains == [] && second.settings.groupsClaim == "groups")
    }

    @Test(
        "a list that cannot work stops the start, with the place",
        arguments: [
            ("{name: a}", "a list of at most"), ("[a]", "name, issuer and client_id"),
            ("[{issuer: 'https://a.test', client_id: x}]", "name: 1 to 32"),
            ("[{name: A, issuer: 'https://a.test', client_id: x}]", "name of A: 1 to 32"),
            ("[{name: a/b, issuer: 'https://a.test', client_id: x}]", "name of a/b: 1 to 32"),
            ("[{name: a, issuer: a.test, client_id: x}]", "issuer of a"),
            ("[{name: a, issuer: 'https://a.test'}]", "client_id of a"),
            ("[{name: a, issuer: 'https://a.test', client_id: x, scope: [email]}]", "scope of a: openid"),
            ("[{name: a, issuer: 'https://a.test', client_id: x, allowed_group: [b]}]", "allowed_group of a: no such"),
            ("[{name: a, issuer: 'https://a.test', client_id: x, allowed_groups: {b: c}}]", "allowed_groups of a"),
            ("[{name: a, issuer: 'https://a.test', client_id: x, pkce: {method: plain}}]", "pkce.method of a"),
            ("[{name: a, issuer: 'https://a.test', client_id: x, strip_email_domain: perhaps}]", "true or false"),
            (
                "[{name: a, issuer: 'https://a.test', client_id: x}, {name: a, issuer: 'https://b.test', client_id: x}]",
                "another name"
            ),
            (
                "[{name: a, issuer: 'https://a.test', client_id: x}, {name: b, issuer: 'https://a.test/', client_id: x}]",
                "another issuer"
            ),
        ]
    )
    func refusedList(yaml: String, expected: String) throws {
        let faults = ConfigurationSandbox(yaml: "oidc: {providers: \(yaml)}").faults()
        #expect(faults.map(\.key) == ["oidc.providers"])
        #expect(faults.first?.expected.contains(expected) == true, "\(faults)")
    }

    @Test("beside a list, keys of one provider stop the start: a limit nobody applies would let everybody in")
    func both() {
        let yaml = Self.several.replacing(
            "  providers:",
            with: "  allowed_domains: [x.test]\n  issuer: https://z.test\n  providers:"
        )
        #expect(ConfigurationSandbox(yaml: yaml).faults().map(\.key).sorted().contains("oidc.allowed_domains"))
        #expect(ConfigurationSandbox(yaml: yaml).faults().map(\.key).contains("oidc.issuer"))
    }

    @Test(
        "what cannot work stops the start",
        arguments: [
            ("issuer: id.test, client_id: x", "oidc.issuer"), ("issuer: https://id.test", "oidc.client_id"),
            ("issuer: https://id.test, client_id: x, scope: [email]", "oidc.scope"),
            ("issuer: https://id.test, client_id: x, pkce: {method: plain}", "oidc.pkce.method"),
            (
                "issuer: https://id.test, client_id: x, client_secret: a, client_secret_path: b",
                "oidc.client_secret_path"
            ),
            ("issuer: https://id.test, client_id: x, extra_params: [a]", "oidc.extra_params"),
        ]
    )
    func refused(yaml: String, key: String) throws {
        let faults = ConfigurationSandbox(yaml: "oidc: {\(yaml)}").faults()
        #expect(faults.map(\.key) == [key])
    }
}
