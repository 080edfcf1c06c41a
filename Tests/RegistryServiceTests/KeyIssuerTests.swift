import Foundation
import Testing

@testable import RegistryService

@Suite("Keys of people and programs")
struct KeyIssuerTests {
    private let issuer = KeyIssuer(secret: Data(repeating: 7, count: 32))
    private let counting: (Int) -> [UInt8] = { (0..<$0).map { UInt8($0) } }

    @Test("a key has its form, and its hash knows it")
    func form() {
        let issued = issuer.issue(.auth, random: counting)
        #expect(
            issued.secret
                == "hskey-auth-000102030405-000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        )
        #expect(issued.prefix == "000102030405")
        #expect(issuer.isValid(issued.secret, hash: issued.hash))
        #expect(KeyIssuer.prefix(of: issued.secret, kind: .auth) == issued.prefix)
    }

    @Test("another kind, another server or another text is not the key")
    func others() {
        let issued = issuer.issue(.api, random: counting)
        #expect(KeyIssuer.prefix(of: issued.secret, kind: .auth) == nil)
        #expect(!KeyIssuer(secret: Data(repeating: 8, count: 32)).isValid(issued.secret, hash: issued.hash))
        #expect(!issuer.isValid(issued.secret.uppercased(), hash: issued.hash))
        #expect(!issuer.isValid(issued.secret, hash: Data()))
        #expect(!issuer.isValid(issued.secret, hash: issued.hash.dropLast()))
        #expect(issuer.issue(.auth, random: counting).hash != issued.hash)
    }

    @Test("any cut, and any changed character, of a key is no key or another one")
    func malformed() {
        let secret = issuer.issue(.auth, random: counting).secret
        for length in 0..<secret.count {
            #expect(KeyIssuer.prefix(of: String(secret.prefix(length)), kind: .auth) == nil)
        }
        for index in secret.indices {
            for replacement in ["G", "ß", " ", "\0"] {
                var changed = secret
                changed.replaceSubrange(index...index, with: replacement)
                #expect(KeyIssuer.prefix(of: changed, kind: .auth) == nil)
            }
        }
    }
}
