/// BLAKE2s with a digest of 32 bytes and no key, fed in any slices.
///
/// - Source: RFC 7693.
struct BLAKE2s: Sendable {
    static let blockLength = 64

    private static let initial = SIMD8<UInt32>(
        0x6A09_E667,
        0xBB67_AE85,
        0x3C6E_F372,
        0xA54F_F53A,
        0x510E_527F,
        0x9B05_688C,
        0x1F83_D9AB,
        0x5BE0_CD19
    )

    /// Which message word goes where, one row a round.
    private static let schedule: [SIMD16<UInt8>] = [
        .init(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        .init(14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3),
        .init(11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4),
        .init(7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8),
        .init(9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13),
        .init(2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9),
        .init(12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11),
        .init(13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10),
        .init(6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5),
        .init(10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0),
    ]

    private var state: SIMD8<UInt32>
    private var block = SIMD16<UInt32>.zero
    private var blockFill = 0
    private var hashedLength: UInt64 = 0

    init() {
        state = Self.initial
        // Parameter block: digest of 32 bytes, no key, fan-out and depth of one.
        state[0] ^= 0x0101_0020
    }

    mutating func update(_ input: UnsafeRawBufferPointer) {
        var rest = input[...]
        while !rest.isEmpty {
            // A full block waits until more follows: the last one is compressed differently.
            if blockFill == Self.blockLength { compressBlock(isLast: false) }
            let part = rest.prefix(Self.blockLength - blockFill)
            let start = blockFill
            withUnsafeMutableBytes(of: &block) { target in
                UnsafeMutableRawBufferPointer(rebasing: target[start...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            }
            blockFill += part.count
            rest = rest.dropFirst(part.count)
        }
    }

    /// The digest; the hasher itself stays as it was and may be fed on.
    func digest() -> BLAKE2sDigest {
        var last = self
        withUnsafeMutableBytes(of: &last.block) { bytes in
            for index in blockFill..<Self.blockLength { bytes[index] = 0 }
        }
        last.compressBlock(isLast: true)
        return BLAKE2sDigest(memoryOrder: littleEndian(last.state))
    }

    private mutating func compressBlock(isLast: Bool) {
        hashedLength &+= UInt64(blockFill)
        blockFill = 0
        let message = littleEndian(block)
        var rows = BLAKE2sRows(a: state.lowHalf, b: state.highHalf, c: Self.initial.lowHalf, d: Self.initial.highHalf)
        rows.d[0] ^= UInt32(truncatingIfNeeded: hashedLength)
        rows.d[1] ^= UInt32(truncatingIfNeeded: hashedLength >> 32)
        if isLast { rows.d[2] = ~rows.d[2] }
        for order in Self.schedule {
            rows.mix(message, at: order.lowHalf)
            rows.rotateToDiagonals()
            rows.mix(message, at: order.highHalf)
            rows.rotateToColumns()
        }
        state.lowHalf ^= rows.a ^ rows.c
        state.highHalf ^= rows.b ^ rows.d
    }
}

/// The working matrix of one compression, four rows of four words.
private struct BLAKE2sRows {
    typealias Row = SIMD4<UInt32>

    var a: Row
    var b: Row
    var c: Row
    var d: Row

    /// The mixing function on four columns at once; word pairs are at the even and odd places of `order`.
    @inline(__always)
    mutating func mix(_ message: SIMD16<UInt32>, at order: SIMD8<UInt8>) {
        let even = order.evenHalf
        let odd = order.oddHalf
        a = a &+ b &+ Self.gather(message, even)
        d = Self.rotatedRight(d ^ a, by: 16)
        c = c &+ d
        b = Self.rotatedRight(b ^ c, by: 12)
        a = a &+ b &+ Self.gather(message, odd)
        d = Self.rotatedRight(d ^ a, by: 8)
        c = c &+ d
        b = Self.rotatedRight(b ^ c, by: 7)
    }

    @inline(__always)
    mutating func rotateToDiagonals() {
        b = Row(b[1], b[2], b[3], b[0])
        c = Row(c[2], c[3], c[0], c[1])
        d = Row(d[3], d[0], d[1], d[2])
    }

    @inline(__always)
    mutating func rotateToColumns() {
        b = Row(b[3], b[0], b[1], b[2])
        c = Row(c[2], c[3], c[0], c[1])
        d = Row(d[1], d[2], d[3], d[0])
    }

    @inline(__always)
    private static func gather(_ words: SIMD16<UInt32>, _ at: SIMD4<UInt8>) -> Row {
        Row(words[Int(at[0])], words[Int(at[1])], words[Int(at[2])], words[Int(at[3])])
    }

    @inline(__always)
    private static func rotatedRight(_ row: Row, by count: UInt32) -> Row {
        row &>> count | row &<< (32 - count)
    }
}

/// Swaps between the byte order of BLAKE2s and that of the processor.
@inline(__always)
private func littleEndian<Words: SIMD>(_ words: Words) -> Words where Words.Scalar == UInt32 {
    #if _endian(little)
        return words
    #else
        var swapped = words
        for index in words.indices { swapped[index] = words[index].byteSwapped }
        return swapped
    #endif
}
