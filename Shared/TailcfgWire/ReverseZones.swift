import IPAddresses

/// The reverse DNS zones of a prefix.
///
/// - Source: RFC 1035 §3.5 and RFC 3596 §2.5.
enum ReverseZones {
    /// Names without trailing dot, in order of address.
    ///
    /// A prefix that ends inside a label is several zones: 128 at most. None for a prefix of length 0.
    static func names(of prefix: IPPrefix) -> [String] {
        guard prefix.length > 0 else { return [] }
        switch prefix.first {
        case .v4(let address):
            let labels = (prefix.length + 7) / 8
            let digits = (0..<labels).map { address.value >> UInt32(24 - 8 * $0) & 0xFF }
            return expand(digits, by: labels * 8 - prefix.length, radix: 10, zone: "in-addr.arpa")
        case .v6(let address):
            let labels = (prefix.length + 3) / 4
            let digits = (0..<labels).map { UInt32(truncatingIfNeeded: address.value >> (124 - 4 * $0) & 0xF) }
            return expand(digits, by: labels * 4 - prefix.length, radix: 16, zone: "ip6.arpa")
        }
    }

    /// Counts the last label through all values of its free bits.
    private static func expand(_ labels: [UInt32], by freeBits: Int, radix: Int, zone: String) -> [String] {
        guard let last = labels.last else { return [] }
        let front = labels.dropLast().reversed().map { String($0, radix: radix) } + [zone]
        return (0..<UInt32(1 << freeBits)).map { step in
            ([String(last + step, radix: radix)] + front).joined(separator: ".")
        }
    }
}
