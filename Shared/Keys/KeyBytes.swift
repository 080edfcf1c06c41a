/// Thirty-two bytes of a Curve25519 key, kept inline.
///
/// Four words instead of an array: keys are dictionary keys on every hot path. Not a SIMD vector: with one, async functions
/// that hold keys across an `await` were seen to corrupt the heap (Swift 6.3.1, x86-64 Linux, debug).
public struct KeyBytes: Hashable, Sendable {
    /// Length of every key here, in bytes.
    public static let length = 32

    private var words: Words

    private struct Words: Hashable, Sendable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0

        static let zero = Words()
    }

    /// All bytes zero, which stands for "no key" on the wire.
    public static let zero = KeyBytes(words: .zero)

    private init(words: Words) {
        self.words = words
    }

    /// Returns `nil` unless there are exactly 32 bytes.
    public init?(_ bytes: some Sequence<UInt8>) {
        var words = Words.zero
        let complete = withUnsafeMutableBytes(of: &words) { target in
            var count = 0
            for byte in bytes {
                guard count < Self.length else { return false }
                target[count] = byte
                count += 1
            }
            return count == Self.length
        }
        guard complete else { return nil }
        self.words = words
    }

    /// Reads 64 hexadecimal digits, either case.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard digits.count == Self.length * 2 else { return nil }
        var words = Words.zero
        let valid = withUnsafeMutableBytes(of: &words) { target in
            var index = 0
            for digit in digits {
                guard let value = hexValue(digit) else { return false }
                target[index / 2] = target[index / 2] << 4 | value
                index += 1
            }
            return true
        }
        guard valid else { return nil }
        self.words = words
    }

    public var isZero: Bool { words == .zero }

    public var hex: String {
        withUnsafeBytes { bytes in
            String(unsafeUninitializedCapacity: Self.length * 2) { target in
                var index = 0
                for byte in bytes {
                    target[index] = hexDigit(byte >> 4)
                    target[index + 1] = hexDigit(byte & 0x0F)
                    index += 2
                }
                return index
            }
        }
    }

    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try Swift.withUnsafeBytes(of: words, body)
    }
}

private func hexDigit(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
}

private func hexValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}
