import IPAddresses

/// Where packets that a rule allows come from.
public struct SourceList: Hashable, Sendable {
    /// `*` on the wire: every address, of the tailnet or not.
    var isEverything = false
    /// The policy's `*`: the tailnet's addresses and every route in it.
    var isTailnet = false
    /// What `isTailnet` adds, sorted.
    var routes: [IPPrefix] = []
    /// Everything that is named otherwise.
    var addresses = AddressSet()

    public var isEmpty: Bool { !isEverything && !isTailnet && addresses.isEmpty }

    /// As `tailcfg.FilterRule.SrcIPs` has them, without repetition.
    public var strings: [String] {
        if isEverything { return ["*"] }
        var result = isTailnet ? AddressSet.tailnet.ranges.map(\.description) + routes.map(\.short) : []
        let seen = Set(result)
        result += addresses.ranges.map(\.description).filter { !seen.contains($0) }
        return result
    }

    func contains(_ range: AddressRange) -> Bool {
        isEverything
            || (isTailnet
                && (AddressSet.tailnet.contains(range) || routes.contains { AddressRange($0).contains(range) }))
            || addresses.contains(range)
    }
}

extension IPPrefix {
    /// Without the length where it is a single address.
    var short: String { isSingle ? address.description : description }
}
