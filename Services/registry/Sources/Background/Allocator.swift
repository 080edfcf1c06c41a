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
}

/// Gives out ids, addresses and names, so that commits of this process do not clash; those of another process may, and then the
/// database decides and this is read anew.
actor Allocator {
    private struct Book {
        var nextUserID: Int64
        var nextNodeID: Int64
        var nextAuthKeyID: Int64
        var nextAPIKeyID: Int64
        var ipv4: AddressAllocator?
        var ipv6: AddressAllocator?
    }

    private let store: any RegistryStore
    private let configuration: RegistryService.Configuration
    private let randomBytes: @Sendable (Int) -> [UInt8]
    private var book: Book?
    private var reservations: [Int: Reservation] = [:]
    private var lastNumber = 0
    /// Names committed while somebody was looking up names, who may have missed them.
    private var recentNames: Set<String> = []
    private var lookUps = 0

    init(
        store: any RegistryStore,
        configuration: RegistryService.Configuration,
        randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.store = store
        self.configuration = configuration
        self.randomBytes = randomBytes
    }

    func userID() async throws -> UserID {
        try await id(\.nextUserID)
    }

    func authKeyID() async throws -> AuthKeyID {
        try await id(\.nextAuthKeyID)
    }

    func apiKeyID() async throws -> APIKeyID {
        try await id(\.nextAPIKeyID)
    }

    /// An id, addresses and the best free name for a new node; `finish` must follow.
    func reserveNode(label: String) async throws -> Reservation {
        var reservation = try await reserveName(label: label)
        do {
            reservation.node = try await id(\.nextNodeID)
            let (ipv4, ipv6) = try await addresses()
            (reservation.ipv4, reservation.ipv6) = (ipv4, ipv6)
        } catch {
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
        let reservation = Reservation(number: lastNumber, name: NodeNaming.choose(label, taken: taken))
        reservations[lastNumber] = reservation
        return reservation
    }

    func finish(_ reservation: Reservation, committed: Bool) {
        guard reservations.removeValue(forKey: reservation.number) != nil else { return }
        if committed {
            if lookUps > 0 { recentNames.insert(reservation.name) }
        } else {
            reservation.ipv4.map { book?.ipv4?.cancel(.v4($0)) }
            reservation.ipv6.map { book?.ipv6?.cancel(.v6($0)) }
        }
    }

    /// A node is gone: its addresses are given out again, last of all.
    func release(_ node: Node) {
        node.ipv4.map { book?.ipv4?.release(.v4($0)) }
        node.ipv6.map { book?.ipv6?.release(.v6($0)) }
    }

    /// Reads anew what is taken before the next allocation.
    func forget() {
        book = nil
    }

    private func id<Entity>(_ path: WritableKeyPath<Book, Int64>) async throws -> Identifier<Entity> {
        try await load()
        guard let next = book?[keyPath: path], let id = Identifier<Entity>(next) else {
            throw RequestFailure(.exhausted, "there are no identifiers left")
        }
        book?[keyPath: path] += 1
        return id
    }

    private func addresses() async throws -> (IPv4Address?, IPv6Address?) {
        try await load()
        let random = { [randomBytes] (count: UInt128) in
            randomBytes(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) } % count
        }
        var ipv4: IPv4Address?
        if let prefix = configuration.ipv4Prefix {
            guard case .v4(let address)? = book?.ipv4?.next(random: random) else { throw exhausted(prefix) }
            ipv4 = address
        }
        var ipv6: IPv6Address?
        if let prefix = configuration.ipv6Prefix {
            guard case .v6(let address)? = book?.ipv6?.next(random: random) else {
                ipv4.map { book?.ipv4?.cancel(.v4($0)) }
                throw exhausted(prefix)
            }
            ipv6 = address
        }
        return (ipv4, ipv6)
    }

    private func exhausted(_ prefix: IPPrefix) -> RequestFailure {
        // Another process may have given some back.
        book = nil
        return RequestFailure(.exhausted, "no address is left in \(prefix); delete nodes or configure a larger prefix")
    }

    private func load() async throws {
        guard book == nil else { return }
        let found = try await store.allocations(of: configuration.tailnet)
        guard book == nil else { return }
        let used = found.used.union(reservations.values.flatMap(\.addresses))
        let reservedIDs = reservations.values.compactMap { $0.node?.rawValue }
        let allocator = { [configuration] (prefix: IPPrefix) in
            AddressAllocator(
                prefix: prefix,
                strategy: configuration.allocation,
                used: used,
                released: found.released
            )
        }
        book = Book(
            nextUserID: found.nextUserID,
            nextNodeID: max(found.nextNodeID, (reservedIDs.max() ?? 0) + 1),
            nextAuthKeyID: found.nextAuthKeyID,
            nextAPIKeyID: found.nextAPIKeyID,
            ipv4: configuration.ipv4Prefix.map(allocator),
            ipv6: configuration.ipv6Prefix.map(allocator)
        )
    }
}
