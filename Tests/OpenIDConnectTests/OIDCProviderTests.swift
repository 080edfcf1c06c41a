import ControlModel
import Foundation
import Synchronization
import Testing

@testable import OpenIDConnect

@Suite("OpenID Connect: the provider")
struct OIDCProviderTests {
    private let fake = FakeProvider()

    private func redeem(_ provider: OIDCProvider, at now: Date = FakeProvider.now) async throws {
        _ = try await provider.claims(code: "a code", nonce: "nonce", verifier: "verifier", now: now)
    }

    @Test("the browser is sent with state, nonce and challenge; configured parameters cannot replace these")
    func authorizationURL() async throws {
        var settings = OIDCSettings.fixture
        settings.extraParameters = ["prompt": "select account", "state": "forged", "scope": "all"]
        let provider = OIDCProvider(settings, transport: fake)
        let url = try await provider.authorizationURL(
            state: "s",
            nonce: "n",
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            now: FakeProvider.now
        )
        // The challenge is the example of RFC 7636, appendix B.
        #expect(
            url == "https://id.test/auth?flow=1&response_type=code&client_id=client"
                + "&redirect_uri=https%3A%2F%2Fvpn.test%2Foidc%2Fcallback&scope=openid%20profile%20email&state=s&nonce=n"
                + "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
                + "&prompt=select%20account"
        )
    }

    @Test("the code is redeemed with verifier and secret, as the provider wants the secret")
    func redeeming() async throws {
        let provider = OIDCProvider(.fixture, transport: fake)
        try fake.issue(FakeProvider.claims())
        try await redeem(provider)
        let request = try #require(fake.requests(to: "/token").last)
        #expect(request.headers["Authorization"] == "Basic " + Data("client:s3cret%2F%2B".utf8).base64EncodedString())
        #expect(
            request.form == "grant_type=authorization_code&code=a%20code"
                + "&redirect_uri=https%3A%2F%2Fvpn.test%2Foidc%2Fcallback&code_verifier=verifier"
        )
        fake.change {
            $0.document["token_endpoint_auth_methods_supported"] = .array([.string("client_secret_post")])
        }
        try await redeem(OIDCProvider(.fixture, transport: fake))
        let second = try #require(fake.requests(to: "/token").last)
        #expect(second.headers["Authorization"] == nil)
        #expect(second.form?.hasSuffix("&client_id=client&client_secret=s3cret%2F%2B") == true)
    }

    @Test("keys are read anew when the provider has changed them, but not for every forged token")
    func rotation() async throws {
        let provider = OIDCProvider(.fixture, transport: fake)
        try fake.issue(FakeProvider.claims())
        try await redeem(provider)
        let next = SigningKey(name: "second")
        fake.change {
            $0.published = [next]
            $0.key = next
        }
        try fake.issue(FakeProvider.claims())
        let later = FakeProvider.now.addingTimeInterval(OIDCProvider.keyPause)
        try await redeem(provider, at: later)
        #expect(fake.requests(to: "/keys").count == 2)
        try fake.issue(FakeProvider.claims(), with: SigningKey(name: "forged"))
        for _ in 1...20 {
            await #expect(throws: OIDCError.self) { try await redeem(provider, at: later) }
        }
        #expect(fake.requests(to: "/keys").count == 2)
    }

    @Test("keys of kinds that are not known do not hide those that are")
    func oddKeys() async throws {
        fake.change { state in
            let odd: [AnyJSON] = [
                .object(["kty": .string("future"), "kid": .string("a")]), .string("x"), .object([:]),
                .object(["kty": .string("RSA"), "kid": .string("b"), "n": .string("!"), "e": .string("AQAB")]),
            ]
            state.oddKeys = odd
        }
        try fake.issue(FakeProvider.claims())
        try await redeem(OIDCProvider(.fixture, transport: fake))
    }

    @Test("what a provider published is believed for an hour, and a provider that is away is told as such")
    func availability() async throws {
        let provider = OIDCProvider(.fixture, transport: fake)
        try await provider.check(now: FakeProvider.now)
        fake.change { $0.isAway = true }
        try await provider.check(now: FakeProvider.now.addingTimeInterval(OIDCProvider.lifetime - 1))
        await #expect {
            try await provider.check(now: FakeProvider.now.addingTimeInterval(OIDCProvider.lifetime))
        } throws: { error in
            if case OIDCError.unavailable = error { true } else { false }
        }
    }

    @Test(
        "a document that is not the provider's, or leads to unprotected places, is refused",
        arguments: [
            ("issuer", .string("https://evil.test")), ("issuer", .string("https://id.test/")),
            ("authorization_endpoint", .string("http://id.test/auth")), ("token_endpoint", .null),
            ("token_endpoint", .string("file:///etc/passwd")), ("jwks_uri", .string("/keys")),
            ("userinfo_endpoint", .string("javascript:alert(1)")),
        ] as [(String, AnyJSON)]
    )
    func badDocument(name: String, value: AnyJSON) async throws {
        fake.change { $0.document[name] = value }
        await #expect {
            try await OIDCProvider(.fixture, transport: fake).check(now: FakeProvider.now)
        } throws: { error in
            if case OIDCError.invalid = error { true } else { false }
        }
    }

    @Test("an answer that names another provider is refused, and one that names none where the provider always does")
    func ownAnswers() async throws {
        let provider = OIDCProvider(.fixture, transport: fake)
        try await provider.requireOwn(issuer: FakeProvider.issuer, now: FakeProvider.now)
        try await provider.requireOwn(issuer: nil, now: FakeProvider.now)
        fake.change { $0.document["authorization_response_iss_parameter_supported"] = .bool(true) }
        let strict = OIDCProvider(.fixture, transport: fake)
        try await strict.requireOwn(issuer: FakeProvider.issuer, now: FakeProvider.now)
        for issuer in [nil, "", "https://other.test", FakeProvider.issuer + "/"] {
            await #expect {
                try await strict.requireOwn(issuer: issuer, now: FakeProvider.now)
            } throws: { error in
                if case OIDCError.invalid(.issuer) = error { true } else { false }
            }
        }
    }

    @Test("several providers' groups of one name get different ones; a list of who may come in has the provider's own")
    func groupNames() throws {
        var settings = OIDCSettings.fixture
        settings.name = "corp"
        settings.allowedGroups = ["staff"]
        let provider = OIDCProvider(settings, transport: fake)
        let person = try provider.person(Claims(FakeProvider.claims()))
        #expect(person.identity.groups == ["corp/admins", "corp/staff"])
    }

    @Test("a refusal keeps its code, and anything else is a fault of the provider")
    func refusals() async throws {
        let provider = OIDCProvider(.fixture, transport: fake)
        fake.change {
            $0.tokenReply = ProviderReply(status: 400, body: Data(#"{"error":"invalid_grant"}"#.utf8))
        }
        await #expect {
            try await redeem(provider)
        } throws: { error in
            if case OIDCError.refused("invalid_grant") = error { true } else { false }
        }
        for status in [302, 404, 500] {
            fake.change { $0.tokenReply = ProviderReply(status: status, body: Data("<html>".utf8)) }
            await #expect {
                try await redeem(provider)
            } throws: { error in
                if case OIDCError.unavailable = error { true } else { false }
            }
        }
    }
}
