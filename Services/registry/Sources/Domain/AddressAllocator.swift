import IPAddresses

/// Chooses free addresses of one prefix.
///
/// Never the first or last address of the prefix, nor those that clients use for themselves. What was given out once and is
/// free again comes last, longest free first.
struct AddressAllocator: Sendable {
    private let prefix: IPPrefix
    private let strategy: AddressStrategy
    private let lowest: UInt128
    private let highest: UInt128
    private var used: Set<IPAddress>
    private var released: [IPAddress]
    /// The same as `released`.
    private var held: Set<IPAddress>
    /// Where the search for the lowest one starts; all below is used or released.
    private var cursor: UInt128

    /// - Parameters:
    ///   - used: may hold addresses outside of the prefix.
    ///   - released: longest free first; may hold addresses outside of the prefix.
    init(prefix: IPPrefix, strategy: AddressStrategy, used: Set<IPAddress>, released: [IPAddress]) {
        self.prefix = prefix
        self.strategy = strategy
        self.used = used
        self.released = released.filter { prefix.contains($0) && Self.isAllowed($0) && !used.contains($0) }
        held = Set(self.released)
        let (first, last) = (prefix.first.number, prefix.last.number)
        // A prefix of one or two addresses has none between its ends.
        lowest = first &+ 1
        highest = last == 0 ? 0 : last - 1
        cursor = lowest
    }

    /// A free address, which counts as used from now on; `nil` when all are.
    ///
    /// - Parameters:
    ///   - number: where the sequential strategy looks first, counted from the lowest address and around.
    ///   - skip: how many free addresses to pass over when that one is not free and others are.
    mutating func next(near number: UInt128, skip: Int = 0, random: (UInt128) -> UInt128) -> IPAddress? {
        guard lowest <= highest, prefix.length <= prefix.address.bitLength - 2 else { return nil }
        let fresh =
            switch strategy {
            case .sequential: address(number) ?? search(from: cursor, through: highest, skip: skip)
            case .random: searchAround(lowest + random(highest - lowest + 1))
            }
        guard let address = fresh ?? released.first else { return nil }
        take(address)
        return address
    }

    /// Somebody has this address.
    mutating func take(_ address: IPAddress) {
        used.insert(address)
        if held.remove(address) != nil { released.removeAll { $0 == address } }
    }

    /// An address was given to a node, maybe some time ago: not if it was released since then.
    mutating func note(_ address: IPAddress) {
        if !held.contains(address) { used.insert(address) }
    }

    /// Gives back an address that never reached a node: it counts as never used.
    mutating func cancel(_ address: IPAddress) {
        used.remove(address)
        cursor = max(lowest, min(cursor, address.number))
    }

    /// Gives back the address of a node that is gone.
    mutating func release(_ address: IPAddress) {
        guard used.remove(address) != nil, prefix.contains(address), Self.isAllowed(address) else { return }
        if held.insert(address).inserted { released.append(address) }
    }

    /// The address at this place, if it is free.
    private func address(_ number: UInt128) -> IPAddress? {
        let address = IPAddress(number: lowest + number % (highest - lowest + 1), like: prefix.address)
        return isFree(address) ? address : nil
    }

    private mutating func search(from start: UInt128, through end: UInt128, skip: Int) -> IPAddress? {
        guard var found = scan(start, end) else {
            cursor = end
            return nil
        }
        cursor = found.number
        for _ in 0..<skip {
            guard found.number < end, let next = scan(found.number + 1, end) else { break }
            found = next
        }
        return found
    }

    private func searchAround(_ start: UInt128) -> IPAddress? {
        scan(start, highest) ?? scan(lowest, start)
    }

    private func scan(_ start: UInt128, _ end: UInt128) -> IPAddress? {
        guard start <= end else { return nil }
        var number = start
        while true {
            let address = IPAddress(number: number, like: prefix.address)
            if isFree(address) { return address }
            // Past what may be too much to look at one by one.
            let last = Self.reservation(of: address)?.last.number ?? number
            guard last < end else { return nil }
            number = last + 1
        }
    }

    private func isFree(_ address: IPAddress) -> Bool {
        !used.contains(address) && !held.contains(address) && Self.isAllowed(address)
    }

    /// What clients do not leave to nodes: the MagicDNS addresses, what ChromeOS uses inside, IPv4 behind routers (4via6).
    ///
    /// - Source: `net/tsaddr` of the client.
    private static let reserved = [
        "100.100.100.100/32", "100.115.92.0/23", "fd7a:115c:a1e0::53/128", "fd7a:115c:a1e0:b1a::/64",
    ].compactMap { IPPrefix($0) }

    private static func reservation(of address: IPAddress) -> IPPrefix? { reserved.first { $0.contains(address) } }

    /// Whether clients leave this address to nodes.
    static func isAllowed(_ address: IPAddress) -> Bool { reservation(of: address) == nil }
}

/// How free addresses are chosen.
public enum AddressStrategy: String, Sendable, CaseIterable {
    /// The one of the node's number, so that the first node gets the first address; the lowest where that is taken.
    case sequential
    /// The first one from a random start.
    case random
}

extension IPAddress {
    fileprivate var number: UInt128 {
        switch self {
        case .v4(let address): UInt128(address.value)
        case .v6(let address): address.value
        }
    }

    fileprivate init(number: UInt128, like other: IPAddress) {
        switch other {
        case .v4: self = .v4(IPv4Address(UInt32(truncatingIfNeeded: number)))
        case .v6: self = .v6(IPv6Address(number))
        }
    }
}
