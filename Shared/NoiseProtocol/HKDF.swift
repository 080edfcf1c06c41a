/// HMAC with BLAKE2s.
///
/// - Source: RFC 2104, with a block of 64 bytes.
struct BLAKE2sHMAC {
    private var inner = BLAKE2s()
    private var outer = BLAKE2s()

    /// A key of 32 bytes is all that Noise needs, so longer ones cannot be given.
    init(key: BLAKE2sDigest) {
        var padded = SIMD64<UInt8>.zero
        key.withUnsafeBytes { key in
            for (index, byte) in key.enumerated() { padded[index] = byte }
        }
        withUnsafeBytes(of: padded ^ SIMD64(repeating: 0x36)) { inner.update($0) }
        withUnsafeBytes(of: padded ^ SIMD64(repeating: 0x5C)) { outer.update($0) }
    }

    func code(_ message: UnsafeRawBufferPointer...) -> BLAKE2sDigest {
        var inner = inner
        var outer = outer
        for part in message { inner.update(part) }
        inner.digest().withUnsafeBytes { outer.update($0) }
        return outer.digest()
    }
}

/// Derives two keys from a chaining key and new input, as Noise does.
///
/// - Source: Noise specification, section 4.3; equal to RFC 5869 with the chaining key as salt and an empty info.
func noiseHKDF(
    chainingKey: BLAKE2sDigest,
    input: UnsafeRawBufferPointer
) -> (first: BLAKE2sDigest, second: BLAKE2sDigest) {
    let derive = BLAKE2sHMAC(key: BLAKE2sHMAC(key: chainingKey).code(input))
    let first = withUnsafeBytes(of: UInt8(1)) { derive.code($0) }
    let second = withUnsafeBytes(of: UInt8(2)) { counter in
        first.withUnsafeBytes { derive.code($0, counter) }
    }
    return (first, second)
}
