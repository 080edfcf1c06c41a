import IPAddresses

extension ByteSink {
    /// Longest text of an address; with prefix length; with brackets and port.
    static let addressLength = 45
    static let prefixLength = 49
    static let endpointLength = 53

    mutating func put(_ prefix: IPPrefix) {
        put(prefix.address)
        put("/")
        put(decimal: UInt64(truncatingIfNeeded: prefix.length))
    }

    mutating func put(_ endpoint: IPEndpoint) {
        switch endpoint.address {
        case .v4(let address):
            put(address)
        case .v6(let address):
            put("[")
            put(address)
            put("]")
        }
        put(":")
        put(decimal: UInt64(endpoint.port))
    }

    mutating func put(_ address: IPAddress) {
        switch address {
        case .v4(let address): put(address)
        case .v6(let address): put(address)
        }
    }

    mutating func put(_ address: IPv4Address) {
        put(decimal: UInt64(address.value >> 24))
        put(".")
        put(decimal: UInt64(address.value >> 16 & 0xFF))
        put(".")
        put(decimal: UInt64(address.value >> 8 & 0xFF))
        put(".")
        put(decimal: UInt64(address.value & 0xFF))
    }

    /// RFC 5952, as `IPv6Address.description` writes it, without its arrays.
    mutating func put(_ address: IPv6Address) {
        if address.value >> 32 == 0xFFFF {
            put("::ffff:")
            return put(IPv4Address(UInt32(truncatingIfNeeded: address.value)))
        }
        let gap = longestZeroRun(of: address)
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, !gap.isEmpty {
                put("::")
                index = gap.upperBound
            } else {
                if index > 0, index != gap.upperBound || gap.isEmpty { put(":") }
                put(hex: group(index, of: address))
                index += 1
            }
        }
    }
}

private func group(_ index: Int, of address: IPv6Address) -> UInt16 {
    UInt16(truncatingIfNeeded: address.value >> (112 - 16 * index))
}

/// The first longest run of two or more zero groups; empty for none.
private func longestZeroRun(of address: IPv6Address) -> Range<Int> {
    var best = 0..<0
    var start = 0
    for index in 0..<8 {
        if group(index, of: address) != 0 {
            start = index + 1
        } else if index + 1 - start >= 2, index + 1 - start > best.count {
            best = start..<(index + 1)
        }
    }
    return best
}
