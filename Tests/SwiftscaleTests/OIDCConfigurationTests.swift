import OpenIDConnect
import Testing

@testable import swiftscale

@Suite("configuration: login through a provider")
struct OIDCConfigurationTests {
    @Test("without an issuer nobody is sent anywhere")
    func absent() throws {
        let configuration = try ConfigurationSandbox(yaml: "oidc: {client_id: x}").load()
        #expect(configuration.oidc.settings == nil)
        #expect(try configuration.oidc.complete() == nil)
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
        let settings = try #require(try oidc.complete())
        #expect(!oidc.mustBeAvailable)
        #expect(settings.issuer == "https://id.test/realms/main")
        #expect(settings.redirectURL == "https://vpn.test/oidc/callback")
        #expect(settings.clientSecret == "s3cret")
        #expect(settings.scopes == ["openid", "groups"])
        #expect(settings.extraParameters == ["domain_hint": "example.com"])
        #expect(settings.usesExpiryOfToken && !settings.requiresVerifiedEmail && settings.stripsEmailDomain)
        #expect(settings.allowedDomains == ["example.com"] && settings.allowedUsers == ["a@example.com"])
        #expect(settings.allowedGroups == ["staff"] && settings.groupsClaim == "realm_access.roles")
        #expect(!settings.usesPKCE)
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
