import IPAddresses

/// `ipsets`: named sets of addresses, built from addresses, ranges, hosts and each other.
///
/// - Source: Tailscale's documentation of IP sets: `add` and `remove` in front of a part, `add` when neither is there.
extension PolicyReader {
    mutating func readIPSets(_ value: HuJSON) {
        let list = entries(of: value)
        let parts = Dictionary(list.map { ($0.name, $0.value) }) { first, _ in first }
        for entry in list where !entry.name.hasPrefix("ipset:") || entry.name == "ipset:" {
            let place = HuJSON(content: .null, position: entry.position)
            fault(place, entry.name, "ipset name must start with 'ipset:', got: \"\(entry.name)\"")
        }
        var pending = Set(parts.keys)
        for entry in list { buildIPSet(entry.name, from: parts, pending: &pending, depth: 0) }
    }

    /// How deep sets may use other sets.
    private static let ipsetDepthLimit = 32

    private mutating func buildIPSet(
        _ name: String,
        from parts: [String: HuJSON],
        pending: inout Set<String>,
        depth: Int
    ) {
        guard pending.remove(name) != nil, let value = parts[name] else { return }
        var added: [AddressRange] = []
        var removed: [AddressRange] = []
        for (text, item) in strings(value) {
            var words = text.split(whereSeparator: \.isWhitespace).map(String.init)
            var isRemoval = false
            if let verb = words.first, words.count > 1, ["add", "remove"].contains(verb) {
                isRemoval = verb == "remove"
                words.removeFirst()
            }
            guard words.count == 1, let target = words.first else {
                fault(item, text, "ipset \"\(name)\": invalid part \"\(text)\"")
                continue
            }
            if target.hasPrefix("ipset:"), depth < Self.ipsetDepthLimit, parts[target] != nil {
                buildIPSet(target, from: parts, pending: &pending, depth: depth + 1)
            }
            guard let ranges = ipsetPart(target) else {
                fault(item, text, "ipset \"\(name)\": \"\(target)\": invalid address", ipsetSuggestion(target, parts))
                continue
            }
            if isRemoval { removed += ranges } else { added += ranges }
        }
        document.ipsets[name] = AddressSet(added).subtracting(AddressSet(removed))
    }

    private func ipsetPart(_ text: String) -> [AddressRange]? {
        if let prefix = Self.prefix(text) { return [AddressRange(prefix)] }
        if text.hasPrefix("ipset:") { return document.ipsets[text]?.ranges }
        if text.hasPrefix("host:") {
            return document.hosts[String(text.dropFirst("host:".count))].map { [AddressRange($0)] }
        }
        let ends = text.split(separator: "-", maxSplits: 1).compactMap { IPAddress($0) }
        guard ends.count == 2, ends[0].bitLength == ends[1].bitLength, ends[0] <= ends[1] else { return nil }
        let (first, last) = (AddressRange(ends[0]), AddressRange(ends[1]))
        return [AddressRange(isIPv6: first.isIPv6, first: first.first, last: last.last)]
    }

    private func ipsetSuggestion(_ text: String, _ parts: [String: HuJSON]) -> String? {
        if text.hasPrefix("ipset:"), parts[text] != nil { return "sets must not use each other in a circle" }
        return guess(text, among: parts.keys.sorted() + document.hosts.keys.sorted().map { "host:\($0)" })
    }
}
