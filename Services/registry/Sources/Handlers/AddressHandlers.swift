import Bus
import ControlModel
import IPAddresses
import Storage

extension Registry {
    /// Nodes that get addresses in one answer.
    private static let backfillLength = 200
    /// Nodes of which a plan tells.
    private static let planLength = 1000

    func serveAddresses(in group: inout ThrowingTaskGroup<Void, any Error>) {
        serve(SetNodeAddresses.self, in: &group) { try await self.setAddresses($0) }
        serve(BackfillAddresses.self, in: &group) { _ in try await self.backfill() }
        serve(PlanAddressBackfill.self, in: &group) { _ in try await self.planBackfill() }
    }

    private func setAddresses(_ request: SetNodeAddresses) async throws -> Node {
        if let ipv4 = request.ipv4 { try check(.v4(ipv4), in: configuration.ipv4Prefix) }
        if let ipv6 = request.ipv6 { try check(.v6(ipv6), in: configuration.ipv6Prefix) }
        var former: Node?
        let changed = try await committing {
            let held = try await requireNode(request.node)
            var node = held
            if let ipv4 = request.ipv4 { node.ipv4 = ipv4 }
            if let ipv6 = request.ipv6 { node.ipv6 = ipv6 }
            let wanted = node.addresses.filter { !held.addresses.contains($0) }.map(\.address)
            guard !wanted.isEmpty else { return .nothing(held) }
            let used = try await store.allocations(of: tailnet).used
            if let taken = wanted.first(where: used.contains) {
                throw RequestFailure(.conflict, "\(taken) is the address of another node")
            }
            former = held
            return Plan(.replaceNode(node), of: node)
        }
        if let former { await allocator.exchange(former, for: changed) }
        return changed
    }

    private func check(_ address: IPAddress, in prefix: IPPrefix?) throws(RequestFailure) {
        guard let prefix else { throw RequestFailure(.invalid, "nodes get no addresses like \(address) here") }
        guard prefix.contains(address) else {
            throw RequestFailure(.invalid, "\(address) is not in \(prefix), from which nodes get their addresses")
        }
        guard AddressAllocator.isAllowed(address), address != prefix.first, address != prefix.last else {
            throw RequestFailure(.invalid, "\(address) cannot be the address of a node")
        }
    }

    /// Brings some nodes' addresses to the configured prefixes.
    func backfill() async throws -> BackfillAddresses.Response {
        let rules = try await poolRules()
        let misfits = try await misfits(rules)
        var changes: [String] = []
        for (node, _) in misfits.prefix(Self.backfillLength) { changes += try await backfill(node.id, rules) }
        return .init(changes: changes, isComplete: misfits.count <= Self.backfillLength)
    }

    private func planBackfill() async throws -> PlanAddressBackfill.Response {
        let misfits = try await misfits(try await poolRules())
        return .init(
            changes: misfits.prefix(Self.planLength).flatMap { $0.gap.plan(for: $0.node) },
            nodes: misfits.count
        )
    }

    /// Nodes whose addresses do not fit, and how.
    private func misfits(_ rules: PoolRules) async throws -> [(node: Node, gap: AddressGap)] {
        var misfits: [(Node, AddressGap)] = []
        try await store.forEachNode(of: tailnet, pageLength: configuration.pageLength) { node in
            let gap = gap(of: node, rules)
            if !gap.isEmpty { misfits.append((node, gap)) }
        }
        return misfits
    }

    private func backfill(_ id: NodeID, _ rules: PoolRules) async throws -> [String] {
        var replaced: (former: Node, node: Node)?
        let changes: [String] = try await committing {
            guard let held = try await store.node(id, tailnet: tailnet) else { return .nothing([]) }
            let gap = gap(of: held, rules)
            guard !gap.isEmpty else { return .nothing([]) }
            var node = held
            if gap.superfluous.contains(.ipv4) { node.ipv4 = nil }
            if gap.superfluous.contains(.ipv6) { node.ipv6 = nil }
            var reservation: Reservation?
            if !gap.wanted.isEmpty {
                let pools = gap.wanted.contains(.ipv4) ? rules.pools(user: held.user, tags: held.tags) : []
                let reserved = try await allocator.reserveAddresses(for: held, gap.wanted, pools: pools)
                if let ipv4 = reserved.ipv4 { node.ipv4 = ipv4 }
                if let ipv6 = reserved.ipv6 { node.ipv6 = ipv6 }
                reservation = reserved
            }
            replaced = (held, node)
            let told = Self.changes(from: held, to: node)
            return Plan(writes: [.replaceNode(node)], reservation: reservation) { _ in told }
        }
        if let replaced, !changes.isEmpty { await allocator.exchange(replaced.former, for: replaced.node) }
        return changes
    }

    private func gap(of node: Node, _ rules: PoolRules) -> AddressGap {
        let gap = AddressGap(node, ipv4Prefix: configuration.ipv4Prefix, ipv6Prefix: configuration.ipv6Prefix)
        guard gap.outside.contains(.ipv4) else { return gap }
        return AddressGap(
            node,
            ipv4Prefix: configuration.ipv4Prefix,
            ipv6Prefix: configuration.ipv6Prefix,
            pools: rules.pools(user: node.user, tags: node.tags)
        )
    }

    private static func changes(from former: Node, to node: Node) -> [String] {
        let (before, after) = (Set(former.addresses), Set(node.addresses))
        let added = after.subtracting(before).sorted().map { "assigned \($0.address)" }
        let removed = before.subtracting(after).sorted().map { "removed \($0.address)" }
        return (removed + added).map { "node \(node.id) (\(node.givenName)): \($0)" }
    }
}
