import Keys

/// A run of memory being filled front to back.
///
/// Whoever makes one knows the longest text that can come; what would not fit is dropped, so a wrong guess costs text and
/// not memory.
struct ByteSink {
    private let storage: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ storage: UnsafeMutableRawBufferPointer) {
        self.storage = storage
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        guard count < storage.count else { return }
        storage[count] = byte
        count += 1
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = storage.baseAddress, bytes.count <= storage.count - count
        else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}

extension ByteSink {
    /// Longest decimal of 64 bits, with its sign.
    static let decimalLength = 20

    mutating func put(decimal value: Int64) {
        if value < 0 { put("-") }
        put(decimal: value.magnitude)
    }

    mutating func put(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Decimal with leading zeros.
    mutating func put(decimal value: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    /// Hexadecimal without leading zeros.
    mutating func put(hex value: UInt16) {
        var shift: UInt16 = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while true {
            put(hexDigit: UInt8(truncatingIfNeeded: value >> shift & 0xF))
            if shift == 0 { return }
            shift -= 4
        }
    }

    mutating func put(hexDigit value: UInt8) {
        put(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
    }

    /// Length of ``put(key:)-swift.method`` at most: `discokey:` and its like, then 64 digits.
    static let keyLength = 80

    mutating func put<Kind>(key: PublicKey<Kind>) {
        for byte in Kind.prefix.utf8 { put(byte) }
        key.bytes.withUnsafeBytes { bytes in
            for byte in bytes {
                put(hexDigit: byte >> 4)
                put(hexDigit: byte & 0xF)
            }
        }
    }
}
