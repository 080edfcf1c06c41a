/// A grant with its names resolved to numbers, and what its addresses mean.
struct CompiledRule: Sendable {
    let grant: Grant
    let sources: BitSet
    /// Those of the sources that mean whoever answers to them, not addresses.
    let sourceNames: BitSet
    /// Without `autogroup:self`.
    let destinations: [Int]
    let destinationBits: BitSet
    let hasOwn: Bool
    let hasWildcardSource: Bool
    let hasWildcardDestination: Bool
    /// Addresses among the sources, `*` not counted.
    let sourceAddresses: AddressSet
    /// Addresses among the destinations, `*` not counted.
    let destinationAddresses: AddressSet
    /// Whether all of the internet is among the destinations.
    let coversInternet: Bool
    let viaTags: Set<String>
    /// Number of the list of sources; rules with equal lists share it.
    let sourceList: Int

    init(_ grant: Grant, aliases: AliasTable, sourceList: Int) {
        self.grant = grant
        self.sourceList = sourceList
        sources = BitSet(grant.sources.compactMap { aliases[$0] })
        sourceNames = BitSet(grant.sources.compactMap { aliases[$0] }.filter { aliases.staticSet($0) == nil })
        let others = grant.destinations.filter { $0 != .autogroup(.own) }
        destinations = others.compactMap { aliases[$0] }
        destinationBits = BitSet(destinations)
        hasOwn = others.count != grant.destinations.count
        hasWildcardSource = grant.sources.contains(.wildcard)
        hasWildcardDestination = others.contains(.wildcard)
        viaTags = Set(grant.via)
        sourceAddresses = Self.addresses(grant.sources, aliases)
        destinationAddresses = Self.addresses(others, aliases)
        coversInternet =
            (hasWildcardDestination && !grant.ip.isEmpty) || destinationAddresses.contains(AddressSet.internet)
    }

    private static func addresses(_ list: [Alias], _ aliases: AliasTable) -> AddressSet {
        let sets = list.filter { $0 != .wildcard }.compactMap { aliases[$0].flatMap(aliases.staticSet) }
        return AddressSet(sets.flatMap(\.ranges))
    }

    var isVia: Bool { !grant.via.isEmpty }

    /// What the destinations of these capabilities get to send back.
    static let companions = [
        "tailscale.com/cap/drive": "tailscale.com/cap/drive-sharer",
        "tailscale.com/cap/relay": "tailscale.com/cap/relay-target",
    ]

    var hasCompanions: Bool {
        !isVia && grant.app.contains { Self.companions[$0.name] != nil }
    }

    /// Whether a subnet route is among the sources; `*` has all of them.
    func hasSource(_ route: AddressRange) -> Bool {
        hasWildcardSource || sourceAddresses.overlaps(route)
    }

    /// Whether a subnet route is among the destinations.
    func hasDestination(_ route: AddressRange) -> Bool {
        if hasWildcardDestination {
            if !grant.ip.isEmpty || hasCompanions || AddressSet.tailnet.overlaps(route) { return true }
        }
        return destinationAddresses.overlaps(route)
    }
}
