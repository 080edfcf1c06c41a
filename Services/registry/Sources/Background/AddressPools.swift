import Bus
import ControlModel
import IPAddresses
import PolicyLanguage
import Storage
import Synchronization

/// From which pools new nodes take their IPv4 addresses, as the policy in force says; none before it is known.
final class AddressPools: Sendable {
    private struct Known {
        var revision = 0
        /// `nil` where the policy has no pools.
        var document: PolicyDocument?
    }

    private let known = Mutex(Known())

    /// Takes a policy, unless a later one is known.
    func take(_ policy: PolicyPublished) {
        let document = policy.text.flatMap { try? PolicyDocument.parse($0) }
        let hasPools = document?.nodeAttributes.contains { !$0.ipPool.isEmpty } ?? false
        known.withLock { known in
            guard policy.revision >= known.revision else { return }
            known = Known(revision: policy.revision, document: hasPools ? document : nil)
        }
    }

    /// Whether there are any.
    var isEmpty: Bool { known.withLock { $0.document == nil } }

    /// What the policy in force says, compiled once for however many nodes.
    ///
    /// - Parameter users: everybody: who owns the tailnet decides which domains are its own.
    func rules(users: [User]) -> PoolRules {
        guard let document = known.withLock({ $0.document }) else { return PoolRules() }
        let network = PolicyNetwork(users: users.map(PolicyUser.init), nodes: [])
        return PoolRules(engine: PolicyEngine(document, for: network))
    }
}

/// Which nodes take their IPv4 addresses from which pools.
struct PoolRules {
    /// `nil` where there are no pools.
    var engine: PolicyEngine?

    /// The pools for a node of this user or these tags; empty: any address will do.
    func pools(user: UserID?, tags: [String]) -> [IPPrefix] {
        engine?.addressPool(user: user?.rawValue, tags: tags) ?? []
    }
}

extension Registry {
    /// Follows the policy in force; until cancelled.
    func followPolicy() async throws {
        let events = try await dependencies.bus.events(PolicyPublished.self, tailnet: tailnet)
        // Where nobody answers yet, it is told by and by.
        if let policy = try? await dependencies.bus.request(FetchPolicy(), tailnet: tailnet) { pools.take(policy) }
        for await event in events { pools.take(event) }
    }

    /// Pools for a new node.
    func addressPools(user: UserID?, tags: [String]) async throws -> [IPPrefix] {
        try await poolRules().pools(user: user, tags: tags)
    }

    func poolRules() async throws -> PoolRules {
        guard configuration.ipv4Prefix != nil, !pools.isEmpty else { return PoolRules() }
        return pools.rules(users: try await store.users(tailnet: tailnet))
    }
}
