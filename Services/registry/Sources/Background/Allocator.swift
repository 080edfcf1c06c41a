import Bus
import ControlModel
import IPAddresses
import Storage

/// What is given to a node before it is committed.
struct Reservation: Sendable {
    fileprivate let number: Int
    /// `nil` where only a name is wanted.
    var node: NodeID?
    var ipv4: IPv4Address?
    var ipv6: IPv6Address?
    var name: String

    fileprivate var addresses: [IPAddress] {
        [ipv4.map { .v4($0) }, ipv6.map { .v6($0) }].compactMap(\.self)
    }

    /// How the commit ended.
    enum Outcome: Sendable {
        case committed
        case refused(StorageError.Conflict)
        case failed
    }
}

/// Gives out ids, addresses and names so that commits clash seldom.
///
/// Within this process never: what is reserved is known. Ids are claimed from the database; addresses follow from them, so that
/// several registries choose different ones; their changes are heard of on the bus. Where two clash all the same, the database
/// decides, and the loser goes on from another place.
actor Allocator {
    private struct Book {
        var ipv4: AddressAllocator?
        var ipv6: AddressAllocator?
    }

    private let store: any RegistryStore
    private let identifiers: IdentifierBlocks
    private let configuration: RegistryService.Configuration
    private let randomBytes: @Sendable (Int) -> [UInt8]
    private var book: Book?
    private var reservations: [Int: Reservation] = [:]
    private var lastNumber = 0
    /// Names committed while somebody was looking up names, who may have missed them.
    private var recentNames: Set<String> = []
    private var lookUps = 0
    private var nameSpread = Spread()
    private var addressSpread = Spread()

    init(
        store: any RegistryStore,
        configuration: RegistryService.Configuration,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.store = store
        self.configuration = configuration
        self.randomBytes = randomBytes
        identifiers = IdentifierBlocks(store: store, tailnet: configuration.tailnet)
    }

    func userID() async throws -> UserID {
        try await identifiers.next(.user)
    }

    func authKeyID() async throws -> AuthKeyID {
        try await identifiers.next(.authKey)
    }

    func apiKeyID() async throws -> APIKeyID {
        try await identifiers.next(.apiKey)
    }

    /// An id, addresses and the best free name for a new node; `finish` must follow.
    ///
    /// - Parameter pools: from which the IPv4 address comes; empty: from all there are.
    func reserveNode(label: String, pools: [IPPrefix] = []) async throws -> Reservation {
        var reservation = try await reserveName(label: label)
        do {
            let id: NodeID = try await identifiers.next(.node)
            reservation.node = id
            // Nothing else is reserved between looking for the address and reserving it.
            reservation.ipv4 = try await pooledAddress(pools)
            if let ipv4 = reservation.ipv4 {
                reservations[reservation.number] = reservation
                book?.ipv4?.take(.v4(ipv4))
            }
            let rest = pools.isEmpty ? families : families.subtracting(.ipv4)
            let others = try await addresses(near: id, rest)
            (reservation.ipv4, reservation.ipv6) = (reservation.ipv4 ?? others.0, others.1)
        } catch {
            giveBack(reservation)
            reservations[reservation.number] = nil
            throw error
        }
        reservations[reservation.number] = reservation
        return reservation
    }

    /// Addresses of some families for a node that needs them; `finish` must follow.
    ///
    /// - Parameter pools: from which an IPv4 address comes; empty: from all there are.
    func reserveAddresses(
        for node: Node,
        _ wanted: AddressFamilies,
        pools: [IPPrefix] = []
    ) async throws -> Reservation {
        lastNumber += 1
        var reservation = Reservation(number: lastNumber, node: node.id, name: node.givenName)
        var rest = wanted
        if wanted.contains(.ipv4), let ipv4 = try await pooledAddress(pools) {
            // Nothing else is reserved between looking for the address and reserving it.
            reservation.ipv4 = ipv4
            reservations[reservation.number] = reservation
            book?.ipv4?.take(.v4(ipv4))
            rest.remove(.ipv4)
        }
        do {
            let others = try await addresses(near: node.id, rest)
            (reservation.ipv4, reservation.ipv6) = (reservation.ipv4 ?? others.0, others.1)
        } catch {
            giveBack(reservation)
            reservations[reservation.number] = nil
            throw error
        }
        reservations[reservation.number] = reservation
        return reservation
    }

    /// The best free name; `finish` must follow.
    func reserveName(label: String) async throws -> Reservation {
        lookUps += 1
        defer {
            lookUps -= 1
            if lookUps == 0 { recentNames = [] }
        }
        var taken: Set<String> = []
        for prefix in NodeNaming.prefixes(of: label) {
            taken.formUnion(try await store.givenNames(like: prefix, tailnet: configuration.tailnet))
        }
        taken.formUnion(recentNames)
        taken.formUnion(reservations.values.lazy.map(\.name))
        lastNumber += 1
        let name = NodeNaming.choose(label, taken: taken, skip: nameSpread.skip(random: random))
        let reservation = Reservation(number: lastNumber, name: name)
        reservations[lastNumber] = reservation
        return reservation
    }

    func finish(_ reservation: Reservation, _ outcome: Reservation.Outcome) async {
        guard reservations.removeValue(forKey: reservation.number) != nil else { return }
        switch outcome {
        case .committed:
            if lookUps > 0 { recentNames.insert(reservation.name) }
            nameSpread.succeeded()
            addressSpread.succeeded()
        case .refused(.address):
            // Which of the two is taken is not known: both count as it, until all is read anew.
            addressSpread.clashed()
            for address in reservation.addresses { markTaken(address) }
        case .refused(let conflict):
            if conflict == .givenName { nameSpread.clashed() }
            if conflict == .identifier { await identifiers.forget(.node) }
            giveBack(reservation)
        case .failed:
            giveBack(reservation)
        }
    }

    /// Reservations that await their `finish`.
    var reservedCount: Int { reservations.count }

    /// A row's id was used by somebody else.
    func forgetIdentifiers() async {
        for kind in IdentifierKind.allCases { await identifiers.forget(kind) }
    }

    /// A node is gone: its addresses are given out again, last of all.
    func release(_ node: Node) {
        node.ipv4.map { book?.ipv4?.release(.v4($0)) }
        node.ipv6.map { book?.ipv6?.release(.v6($0)) }
    }

    /// A node has other addresses: those that it had are given out again, last of all.
    func exchange(_ former: Node, for node: Node) {
        var freed = former
        if freed.ipv4 == node.ipv4 { freed.ipv4 = nil }
        if freed.ipv6 == node.ipv6 { freed.ipv6 = nil }
        release(freed)
        node.ipv4.map { book?.ipv4?.take(.v4($0)) }
        node.ipv6.map { book?.ipv6?.take(.v6($0)) }
    }

    /// Takes note of what any registry committed; what is known already is nothing new.
    func note(_ changes: [RegistryChange]) {
        for case .node(let node) in changes.lazy.map(\.subject) {
            node.ipv4.map { book?.ipv4?.note(.v4($0)) }
            node.ipv6.map { book?.ipv6?.note(.v6($0)) }
            if lookUps > 0 { recentNames.insert(node.givenName) }
        }
    }

    /// A free address of these pools, `nil` without any; rows are read each time, for pools are seldom.
    private func pooledAddress(_ pools: [IPPrefix]) async throws -> IPv4Address? {
        guard !pools.isEmpty else { return nil }
        let found = try await store.allocations(of: configuration.tailnet)
        let used = found.used.union(reservations.values.flatMap(\.addresses))
        for pool in pools {
            var allocator = AddressAllocator(
                prefix: pool,
                strategy: configuration.allocation,
                used: used,
                released: found.released
            )
            let skip = addressSpread.skip(random: random)
            if case .v4(let address)? = allocator.next(near: 0, skip: skip, random: random) { return address }
        }
        throw RequestFailure(
            .exhausted,
            "no address is left in \(pools.map(\.description).joined(separator: " or ")), the pools of the policy for this node"
        )
    }

    private func markTaken(_ address: IPAddress) {
        switch address {
        case .v4: book?.ipv4?.take(address)
        case .v6: book?.ipv6?.take(address)
        }
    }

    private func giveBack(_ reservation: Reservation) {
        reservation.ipv4.map { book?.ipv4?.cancel(.v4($0)) }
        reservation.ipv6.map { book?.ipv6?.cancel(.v6($0)) }
    }

    /// Families in which nodes get addresses.
    private var families: AddressFamilies {
        var families = AddressFamilies()
        if configuration.ipv4Prefix != nil { families.insert(.ipv4) }
        if configuration.ipv6Prefix != nil { families.insert(.ipv6) }
        return families
    }

    private func addresses(
        near id: NodeID,
        _ wanted: AddressFamilies
    ) async throws -> (IPv4Address?, IPv6Address?) {
        try await load()
        if let found = take(near: id, wanted) { return found }
        // Others may have given some back.
        book = nil
        try await load()
        if let found = take(near: id, wanted) { return found }
        let prefixes = [configuration.ipv4Prefix, configuration.ipv6Prefix].compactMap { $0?.description }
        throw RequestFailure(
            .exhausted,
            "no address is left in \(prefixes.joined(separator: " or ")); delete nodes or configure a larger prefix"
        )
    }

    /// `nil` when a prefix has none left.
    private func take(near id: NodeID, _ wanted: AddressFamilies) -> (IPv4Address?, IPv6Address?)? {
        let number = UInt128(id.rawValue - 1)
        let skip = addressSpread.skip(random: random)
        var ipv4: IPv4Address?
        if wanted.contains(.ipv4) {
            guard case .v4(let address)? = book?.ipv4?.next(near: number, skip: skip, random: random) else {
                return nil
            }
            ipv4 = address
        }
        var ipv6: IPv6Address?
        if wanted.contains(.ipv6) {
            guard case .v6(let address)? = book?.ipv6?.next(near: number, skip: skip, random: random) else {
                ipv4.map { book?.ipv4?.cancel(.v4($0)) }
                return nil
            }
            ipv6 = address
        }
        return (ipv4, ipv6)
    }

    private func random(below count: UInt128) -> UInt128 {
        randomBytes(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) } % count
    }

    private func load() async throws {
        guard book == nil else { return }
        let found = try await store.allocations(of: configuration.tailnet)
        guard book == nil else { return }
        let used = found.used.union(reservations.values.flatMap(\.addresses))
        let allocator = { [configuration] (prefix: IPPrefix) in
            AddressAllocator(
                prefix: prefix,
                strategy: configuration.allocation,
                used: used,
                released: found.released
            )
        }
        book = Book(ipv4: configuration.ipv4Prefix.map(allocator), ipv6: configuration.ipv6Prefix.map(allocator))
    }
}
