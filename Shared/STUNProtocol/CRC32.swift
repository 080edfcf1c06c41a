/// The checksum of FINGERPRINT, before the mask.
///
/// - Source: ISO 3309, as Ethernet and zip use it; RFC 8489 section 14.7.
struct CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ value >> 1
        }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        // `& 0xFF` keeps the index inside the table.
        ~bytes.reduce(UInt32.max) { value, byte in
            table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8
        }
    }
}
