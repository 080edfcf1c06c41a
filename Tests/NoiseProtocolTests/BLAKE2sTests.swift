import NIOCore
import Testing

@testable import NoiseProtocol

@Suite("BLAKE2s")
struct BLAKE2sTests {
    @Test("the digest of \"abc\" is that of RFC 7693")
    func specification() {
        #expect(
            digest(Array("abc".utf8)) == "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"
        )
    }

    @Test(
        "digests on both sides of every block edge are those of Python's hashlib",
        arguments: [
            (0, "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"),
            (1, "e34d74dbaf4ff4c6abd871cc220451d2ea2648846c7757fbaac82fe51ad64bea"),
            (31, "aba4ad9b480b9df3d08ca5e87b0c2440d4e4ea21224c2eb42cbae469d089b931"),
            (63, "e57cb79487dd57902432b250733813bd96a84efce59f650fac26e6696aefafc3"),
            (64, "56f34e8b96557e90c1f24b52d0c89d51086acf1b00f634cf1dde9233b8eaaa3e"),
            (65, "1b53ee94aaf34e4b159d48de352c7f0661d0a40edff95a0b1639b4090e974472"),
            (127, "f18417b39d617ab1c18fdf91ebd0fc6d5516bb34cf39364037bce81fa04cecb1"),
            (128, "1fa877de67259d19863a2a34bcc6962a2b25fcbf5cbecd7ede8f1fa36688a796"),
            (129, "5bd169e67c82c2c2e98ef7008bdf261f2ddf30b1c00f9e7f275bb3e8a28dc9a2"),
            (1000, "1c067a5e746fb0f6734efac9a8cdb0e11061f0077f255184365c690115392501"),
        ]
    )
    func lengths(count: Int, expected: String) {
        #expect(digest(pattern(count)) == expected)
    }

    @Test("input cut at any byte gives the same digest", arguments: 0...130)
    func cutAnywhere(cut: Int) {
        let input = pattern(130)
        var hasher = BLAKE2s()
        input.withUnsafeBytes { input in
            hasher.update(UnsafeRawBufferPointer(rebasing: input[..<cut]))
            hasher.update(UnsafeRawBufferPointer(rebasing: input[cut...]))
        }
        #expect(hex(hasher.digest()) == digest(input))
    }

    @Test("asking for the digest does not end the hasher")
    func digestTwice() {
        var hasher = BLAKE2s()
        pattern(70).withUnsafeBytes { hasher.update($0) }
        let first = hasher.digest()
        #expect(hasher.digest() == first)
        pattern(1).withUnsafeBytes { hasher.update($0) }
        #expect(hex(hasher.digest()) == digest(pattern(70) + pattern(1)))
    }

    @Test("message codes are those of Python's hmac")
    func messageCodes() throws {
        let code = BLAKE2sHMAC(key: try blake2sDigest(bytes: Array(0..<32)))
        let long = Array(repeating: Array("what do ya want for nothing?".utf8), count: 5).flatMap(\.self)
        #expect(
            long.withUnsafeBytes { hex(code.code($0)) }
                == "d539a80a0dacd03d840cc93a1ef75a521498bf9031067ea42faec62216d557b7"
        )
        #expect(hex(code.code()) == "e2641d24dfa8dd89e8cb77f1cdc77d8c006e5bebdfc4d6a3a3a6f8d5b7586fb0")
    }

    private func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 % 251) }
    }

    private func digest(_ input: [UInt8]) -> String {
        var hasher = BLAKE2s()
        input.withUnsafeBytes { hasher.update($0) }
        return hex(hasher.digest())
    }
}

func hex(_ digest: BLAKE2sDigest) -> String {
    digest.withUnsafeBytes { ByteBuffer(bytes: $0) }.hex
}

/// Thirty-two given bytes in the place of a digest.
func blake2sDigest(bytes: [UInt8]) throws -> BLAKE2sDigest {
    try #require(bytes.count == BLAKE2sDigest.length)
    var words = SIMD8<UInt32>.zero
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    return BLAKE2sDigest(memoryOrder: words)
}
