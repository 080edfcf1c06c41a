import Testing

@testable import SecretBox

@Suite("Sealed secrets")
struct SealedSecretTests {
    private let key: MasterKey
    private let other: MasterKey
    private let nonce = [UInt8](1...24)
    private let secret = [UInt8](0...40)

    init() throws {
        key = try #require(MasterKey([UInt8](1...32)))
        other = try #require(MasterKey([UInt8](2...33)))
    }

    private func sealed(name: String = "noise") throws -> SealedSecret {
        try #require(SealedSecret(secret, name: name, with: key, nonce: nonce))
    }

    @Test("what is sealed opens with its key and name, and with no other", arguments: [0, 1, 1000])
    func opens(length: Int) throws {
        let secret = [UInt8](repeating: 7, count: length)
        let sealed = try #require(SealedSecret(secret, name: "noise", with: key, nonce: nonce))
        let read = try #require(SealedSecret(stored: sealed.stored))
        #expect(read == sealed)
        #expect(read.key == key.id)
        #expect(read.open(name: "noise", with: key) == secret)
        #expect(read.open(name: "nois", with: key) == nil)
        #expect(read.open(name: "noise2", with: key) == nil)
        #expect(read.open(name: "noise", with: other) == nil)
    }

    @Test("any changed byte of the stored form opens nothing")
    func tampered() throws {
        let stored = try sealed().stored
        for index in stored.indices {
            var changed = stored
            changed[index] ^= 1
            #expect(SealedSecret(stored: changed)?.open(name: "noise", with: key) == nil, "byte \(index)")
        }
    }

    @Test("any cut of the stored form opens nothing")
    func cut() throws {
        let stored = try sealed().stored
        for length in stored.indices {
            #expect(SealedSecret(stored: stored.prefix(length))?.open(name: "noise", with: key) == nil)
        }
        #expect(SealedSecret(stored: stored + [0])?.open(name: "noise", with: key) == nil)
    }

    @Test("the stored form is that of libsodium's secretbox with the key's id before it")
    func form() throws {
        // Source: PyNaCl 1.6.2 (libsodium 1.0.18): SecretBox and blake2b of the same key, name and secret, 2026-11-25.
        let expected = Self.vector
        let stored = try sealed().stored
        #expect(stored.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined() == expected)
    }

    @Test("a secret that was stored unsealed is told from a sealed one")
    func unsealed() {
        #expect(SealedSecret(stored: [UInt8](repeating: 9, count: 32)) == nil)
        #expect(SealedSecret(stored: []) == nil)
        #expect(SealedSecret(stored: Array("sealed".utf8)) == nil)
    }

    @Test("a nonce of another length seals nothing", arguments: [0, 23, 25])
    func nonceLength(length: Int) {
        #expect(SealedSecret(secret, name: "a", with: key, nonce: [UInt8](repeating: 1, count: length)) == nil)
    }

    private static let vector =
        "7365616c656401ec4251620102030405060708090a0b0c0d0e0f1011121314151617184e7056fb17d76396e7271aeefe"
        + "ed42214040445072e1a15e9c980dca59ecc61e2e8e472feb11beaa9b706c508a8ae5fd6c902c67880be58c16992276bd"
        + "ced4"
}
