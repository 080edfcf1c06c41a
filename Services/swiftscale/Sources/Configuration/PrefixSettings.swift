import IPAddresses

/// Which addresses nodes get.
struct PrefixSettings: Hashable, Sendable {
    static let v4 = ConfigurationKey("prefixes.v4")
    static let v6 = ConfigurationKey("prefixes.v6")
    static let allocation = ConfigurationKey("prefixes.allocation")
    static let keys = [v4, v6, allocation]

    /// In which order addresses are handed out.
    enum Allocation: String, Hashable, Sendable {
        case sequential
        case random
    }

    /// `nil`: nodes get no IPv4 address.
    var ipv4: IPPrefix?
    /// `nil`: nodes get no IPv6 address.
    var ipv6: IPPrefix?
    var allocation: Allocation

    /// The ranges that clients know as their own.
    static let clientRanges = (v4: "100.64.0.0/10", v6: "fd7a:115c:a1e0::/48")

    init(_ reader: inout SettingsReader) {
        // One family alone may be configured; none means both.
        let isNeitherGiven = !reader.sources.isGiven(Self.v4) && !reader.sources.isGiven(Self.v6)
        ipv4 = reader.value(
            Self.v4,
            or: isNeitherGiven ? IPPrefix(Self.clientRanges.v4) : nil,
            expecting: "an IPv4 prefix of at most 30 bits, e.g. \(Self.clientRanges.v4)"
        ) { Self.prefix($0, bits: 32) }
        ipv6 = reader.value(
            Self.v6,
            or: isNeitherGiven ? IPPrefix(Self.clientRanges.v6) : nil,
            expecting: "an IPv6 prefix of at most 126 bits, e.g. \(Self.clientRanges.v6)"
        ) { Self.prefix($0, bits: 128) }
        allocation = reader.value(Self.allocation, or: .sequential, expecting: "sequential or random") {
            Allocation(rawValue: $0)
        }
    }

    /// What to say about ranges that clients do not know; empty when there are none.
    var notes: [ConfigurationNote] {
        let pairs = [
            (Self.v4, ipv4, IPPrefix(Self.clientRanges.v4)), (Self.v6, ipv6, IPPrefix(Self.clientRanges.v6)),
        ]
        return pairs.compactMap { key, chosen, range in
            guard let chosen, let range, !range.contains(chosen) else { return nil }
            return ConfigurationNote(
                weight: .warning,
                text: "\(key.name) is \(chosen), outside \(range): clients do not support that"
            )
        }
    }

    private static func prefix(_ text: String, bits: Int) -> IPPrefix? {
        guard let prefix = IPPrefix(text), prefix.address.bitLength == bits, prefix.length <= bits - 2 else {
            return nil
        }
        return prefix.masked
    }
}
