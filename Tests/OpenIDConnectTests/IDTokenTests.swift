import ControlModel
import Crypto
import Foundation
import Synchronization
import Testing

@testable import OpenIDConnect

@Suite("OpenID Connect: ID tokens")
struct IDTokenTests {
    private let fake = FakeProvider()
    private let provider: OIDCProvider

    init() {
        provider = OIDCProvider(.fixture, transport: fake)
    }

    private func claims(at now: Date = FakeProvider.now, since: Date? = nil) async throws -> Claims {
        try await provider.claims(code: "code", nonce: "nonce", verifier: "verifier", since: since, now: now)
    }

    private func fault(at now: Date = FakeProvider.now, since: Date? = nil) async -> TokenFault? {
        do {
            _ = try await claims(at: now, since: since)
            return nil
        } catch OIDCError.invalid(let fault) {
            return fault
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test("a good token says who it is, with what the user info adds; what is signed goes first")
    func good() async throws {
        try fake.issue(FakeProvider.claims())
        fake.change { $0.userInfo = ["sub": .string("7"), "email": .string("forged@evil.test"), "team": .string("x")] }
        let claims = try await claims()
        #expect(claims.text("email") == "Anna@Example.com")
        #expect(claims.text("team") == "x")
    }

    @Test(
        "a claim that does not fit is refused",
        arguments: [
            ("iss", .string("https://other.test"), .issuer("https://other.test")), ("iss", .null, .issuer("")),
            ("aud", .string("other"), .audience), ("aud", .array([]), .audience), ("aud", .null, .audience),
            ("aud", .array([.string("client"), .string("other")]), .audience), ("azp", .string("other"), .audience),
            ("exp", .number(FakeProvider.now.timeIntervalSince1970 - 61), .expired), ("exp", .null, .expired),
            ("exp", .string("1900000000"), .expired), ("exp", .number(-1e300), .expired),
            ("nbf", .number(FakeProvider.now.timeIntervalSince1970 + 61), .notYetValid),
            ("iat", .number(FakeProvider.now.timeIntervalSince1970 + 3600), .notYetValid),
            ("nonce", .string("another"), .nonce), ("nonce", .null, .nonce), ("nonce", .string(""), .nonce),
            ("sub", .null, .subject), ("sub", .string(""), .subject),
            ("sub", .string(String(repeating: "x", count: 256)), .subject),
        ] as [(String, AnyJSON, TokenFault)]
    )
    func badClaim(name: String, value: AnyJSON, expected: TokenFault) async throws {
        var claims = FakeProvider.claims()
        claims[name] = value
        try fake.issue(claims)
        #expect(await fault() == expected)
    }

    @Test("clocks may differ by a minute")
    func skew() async throws {
        var claims = FakeProvider.claims()
        claims["exp"] = .number(FakeProvider.now.timeIntervalSince1970 - 59)
        claims["iat"] = .number(FakeProvider.now.timeIntervalSince1970 + 59)
        try fake.issue(claims)
        #expect(await fault() == nil)
    }

    @Test(
        "a login that must be fresh is one after that moment, by what is signed alone",
        arguments: [
            (.number(0), .loginTooOld), (.number(-61), .loginTooOld), (.number(240), nil), (.number(300), nil),
            (.number(361), .notYetValid), (.string("1800000000"), .noLoginTime), (.null, .noLoginTime),
            (.bool(true), .noLoginTime), (.number(-1e300), .loginTooOld), (.number(1e300), .notYetValid),
        ] as [(AnyJSON, TokenFault?)]
    )
    func freshness(value: AnyJSON, expected: TokenFault?) async throws {
        let now = FakeProvider.now
        var claims = FakeProvider.claims()
        claims["auth_time"] = value
        // Numbers are seconds after the fixture's now; the check began 300 seconds after it, and it is asked then.
        if case .number(let offset) = value { claims["auth_time"] = .number(now.timeIntervalSince1970 + offset) }
        try fake.issue(claims)
        #expect(await fault(at: now.addingTimeInterval(300), since: now.addingTimeInterval(300)) == expected)
        #expect(await fault(at: now.addingTimeInterval(300)) == nil)
    }

    @Test("where the time of a login is not said it need not be, unless the provider publishes it or it is required")
    func unsaid() async throws {
        let now = FakeProvider.now
        try fake.issue(FakeProvider.claims())
        // What only the user info says is not signed.
        fake.change { $0.userInfo = ["sub": .string("7"), "auth_time": .number(0)] }
        #expect(await fault(since: now) == nil)
        var settings = OIDCSettings.fixture
        settings.requiresLoginTime = true
        let strict = OIDCProvider(settings, transport: fake)
        await #expect {
            try await strict.claims(code: "code", nonce: "nonce", verifier: "verifier", since: now, now: now)
        } throws: { error in
            if case OIDCError.invalid(.noLoginTime) = error { true } else { false }
        }
        _ = try await strict.claims(code: "code", nonce: "nonce", verifier: "verifier", now: now)
        fake.change { $0.document["claims_supported"] = .array([.string("sub"), .string("auth_time")]) }
        let telling = OIDCProvider(.fixture, transport: fake)
        await #expect {
            try await telling.claims(code: "code", nonce: "nonce", verifier: "verifier", since: now, now: now)
        } throws: { error in
            if case OIDCError.invalid(.noLoginTime) = error { true } else { false }
        }
    }

    @Test("several audiences are taken where the authorized party is this client")
    func authorizedParty() async throws {
        var claims = FakeProvider.claims()
        claims["aud"] = .array([.string("client"), .string("other")])
        claims["azp"] = .string("client")
        try fake.issue(claims)
        #expect(await fault() == nil)
    }

    @Test("a token of another key is refused, whatever key it names")
    func otherKey() async throws {
        let forger = SigningKey(name: "first")
        try fake.issue(FakeProvider.claims(), with: forger)
        #expect(await fault() == .signature)
        fake.change { state in
            state.token = (try? SigningKey(name: "x").token(FakeProvider.claims(), kid: "unknown")) ?? ""
        }
        #expect(await fault() == .signature)
    }

    @Test("a token without a signature, or signed with the public key as a secret, is refused")
    func algorithms() async throws {
        let point = fake.state.withLock { $0.key.publicBytes }
        let claims = FakeProvider.claims()
        let none = try SigningKey.unsigned(["alg": .string("none")], claims) + "."
        let named = try SigningKey.unsigned(["alg": .string("none"), "kid": .string("first")], claims) + "."
        let hashed = try SigningKey.unsigned(["alg": .string("HS256"), "kid": .string("first")], claims)
        let code = HMAC<SHA256>.authenticationCode(for: Data(hashed.utf8), using: SymmetricKey(data: point))
        for token in [none, named, hashed + "." + SigningKey.encoded(Data(code)), hashed + "."] {
            fake.change { $0.token = token }
            #expect(await fault() != nil)
        }
    }

    @Test("a token that was changed is refused")
    func changed() async throws {
        let key = fake.state.withLock { $0.key }
        let parts = try key.token(FakeProvider.claims()).split(separator: ".")
        var other = FakeProvider.claims()
        other["sub"] = .string("8")
        let otherParts = try key.token(other).split(separator: ".")
        fake.change { $0.token = "\(parts[0]).\(otherParts[1]).\(parts[2])" }
        #expect(await fault() == .signature)
    }

    @Test("text that is no token is refused", arguments: ["", ".", "..", "a.b.c", "e30.e30.e30", "a.b.c.d", "🔑.🔑.🔑"])
    func noToken(text: String) async {
        fake.change { $0.token = text }
        #expect(await fault() != nil)
    }

    @Test("user info about somebody else is refused")
    func otherUserInfo() async throws {
        try fake.issue(FakeProvider.claims())
        fake.change { $0.userInfo = ["sub": .string("8"), "groups": .array([.string("admins")])] }
        #expect(await fault() == .subject)
    }
}

extension OIDCSettings {
    static var fixture: OIDCSettings {
        OIDCSettings(
            issuer: FakeProvider.issuer,
            clientID: "client",
            clientSecret: "s3cret/+",
            redirectURL: "https://vpn.test/oidc/callback"
        )
    }
}
