/// Thirty-two bytes that came out of BLAKE2s: a hash, a chaining key or a cipher key.
struct BLAKE2sDigest: Hashable, Sendable {
    static let length = 32

    /// In memory these words are the digest's bytes in order.
    private let words: SIMD8<UInt32>

    init(memoryOrder words: SIMD8<UInt32>) {
        self.words = words
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }
}
