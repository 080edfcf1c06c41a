import ControlModel
import Foundation
import Testing

@testable import OpenIDConnect

@Suite("OpenID Connect: who may come in")
struct AdmissionRulesTests {
    private func person(
        _ change: (inout OIDCSettings) -> Void = { _ in },
        claims changes: [String: AnyJSON] = [:]
    ) throws -> LoginPerson {
        var settings = OIDCSettings.fixture
        change(&settings)
        let claims = FakeProvider.claims().merging(changes) { _, new in new }
        return try AdmissionRules(settings: settings).person(Claims(claims))
    }

    @Test("claims become a person")
    func claims() throws {
        let person = try person(claims: ["picture": .string("https://id.test/7.png")])
        #expect(person.identity == UserIdentity(issuer: "https://id.test", subject: "7", groups: ["admins", "staff"]))
        #expect(person.identity.key == "https://id.test/7")
        #expect(person.names == ["anna", "Anna@Example.com", "Anna"])
        #expect(person.displayName == "Anna")
        #expect(person.email == "Anna@Example.com")
        #expect(person.profilePictureURL == "https://id.test/7.png")
        #expect(person.nodeExpiry == nil)
    }

    @Test("each list asks for one match, all lists together")
    func lists() throws {
        _ = try person { $0.allowedDomains = ["other.test", "EXAMPLE.com"] }
        _ = try person { $0.allowedUsers = ["anna@example.com"] }
        _ = try person { $0.allowedGroups = ["nobody", "staff"] }
        #expect(throws: AdmissionRefusal.domain) { try person { $0.allowedDomains = ["ample.com", "xample.com"] } }
        #expect(throws: AdmissionRefusal.user) { try person { $0.allowedUsers = ["bob@example.com"] } }
        #expect(throws: AdmissionRefusal.group) { try person { $0.allowedGroups = ["Staff"] } }
        #expect(throws: AdmissionRefusal.group) {
            try person {
                $0.allowedDomains = ["example.com"]
                $0.allowedGroups = ["nobody"]
            }
        }
        #expect(throws: AdmissionRefusal.domain) {
            try person({ $0.allowedDomains = ["example.com"] }, claims: ["email": .string("example.com")])
        }
        #expect(throws: AdmissionRefusal.domain) {
            try person({ $0.allowedDomains = ["example.com"] }, claims: ["email": .string("a@example.com@evil.test")])
        }
        #expect(throws: AdmissionRefusal.domain) {
            try person({ $0.allowedDomains = ["example.com"] }, claims: ["email": .null])
        }
    }

    @Test("an address that is not verified counts as none, unless told otherwise")
    func verification() throws {
        for value in [AnyJSON.bool(false), .null, .string("no"), .number(1)] {
            #expect(try person(claims: ["email_verified": value]).email == "")
            #expect(throws: AdmissionRefusal.unverifiedEmail) {
                try person({ $0.allowedUsers = ["anna@example.com"] }, claims: ["email_verified": value])
            }
            let taken = try person({ $0.requiresVerifiedEmail = false }, claims: ["email_verified": value])
            #expect(taken.email == "Anna@Example.com")
        }
        #expect(try person(claims: ["email_verified": .string("true")]).email == "Anna@Example.com")
    }

    @Test("groups may stand anywhere, as a list or one text")
    func groups() throws {
        let places: [(String, [String: AnyJSON])] = [
            ("https://id.test/claims.groups", ["https://id.test/claims.groups": .array([.string("a")])]),
            ("realm.roles", ["realm": .object(["roles": .array([.string("a"), .number(1), .null])])]),
            ("https://x.test/c.roles", ["https://x.test/c": .object(["roles": .string("a")])]),
            ("team", ["team": .string("a")]),
        ]
        for (path, claims) in places {
            #expect(try person({ $0.groupsClaim = path }, claims: claims).identity.groups == ["a"], "\(path)")
        }
        for path in ["", ".", "nothing", "groups.more", "name"] {
            let groups = try person { $0.groupsClaim = path }.identity.groups
            #expect(groups == (path == "name" ? ["Anna"] : []))
        }
        let many = (1...600).map { AnyJSON.string("g\($0)") }
        #expect(try person(claims: ["groups": .array(many)]).identity.groups.count == AdmissionRules.groupLimit)
    }

    @Test("users may be named after their address without its domain")
    func strippedDomain() throws {
        let person = try person({ $0.stripsEmailDomain = true }, claims: ["email": .string("a.berg@example.com")])
        #expect(person.names == ["a.berg", "anna", "a.berg@example.com"])
    }

    @Test("node keys may end with the token")
    func expiry() throws {
        let end = FakeProvider.now.addingTimeInterval(600)
        #expect(try person { $0.usesExpiryOfToken = true }.nodeExpiry == end)
    }

    @Test("pictures are addresses of the web, and long texts are cut")
    func texts() throws {
        for picture in ["javascript:alert(1)", "data:x", "", "https://" + String(repeating: "x", count: 3000)] {
            #expect(try person(claims: ["picture": .string(picture)]).profilePictureURL == "")
        }
        let long = String(repeating: "ä", count: 10_000)
        let person = try person(claims: ["name": .string(long), "preferred_username": .string(long)])
        #expect(person.displayName.utf8.count <= AdmissionRules.textLimit)
        #expect(person.names == ["Anna@Example.com", "Anna"])
    }
}
