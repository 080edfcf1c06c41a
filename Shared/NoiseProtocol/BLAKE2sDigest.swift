/// Thirty-two bytes that came out of BLAKE2s: a hash, a chaining key or a cipher key.
///
/// Plain words, not the vector they came from: these values live in async functions, where vectors of this width were seen to
/// corrupt the heap (see `KeyBytes`).
struct BLAKE2sDigest: Hashable, Sendable {
    static let length = 32

    /// In memory these words are the digest's bytes in order.
    private struct Words: Hashable, Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    private let words: Words

    init(memoryOrder vector: SIMD8<UInt32>) {
        var words = Words()
        withUnsafeMutableBytes(of: &words) { target in
            Swift.withUnsafeBytes(of: vector) { target.copyMemory(from: $0) }
        }
        self.words = words
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }
}
