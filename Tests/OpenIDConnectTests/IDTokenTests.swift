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

    private func claims(at now: Date = FakeProvider.now) async throws -> Claims {
        try await provider.claims(code: "code", nonce: "nonce", verifier: "verifier", now: now)
    }

    private func fault(at now: Date = FakeProvider.now) async -> TokenFault? {
        do {
            _ = try await claims(at: now)
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
