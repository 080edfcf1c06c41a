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

    /// Those for a node of this user or these tags; empty: any address will do.
    ///
    /// - Parameter users: everybody: who owns the tailnet decides which domains are its own.
    func pools(user: UserID?, tags: [String], users: [User]) -> [IPPrefix] {
        guard let document = known.withLock({ $0.document }) else { return [] }
        let network = PolicyNetwork(users: users.map(PolicyUser.init), nodes: [])
        return PolicyEngine(document, for: network).addressPool(user: user?.rawValue, tags: tags)
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
        guard configuration.ipv4Prefix != nil, !pools.isEmpty else { return [] }
        return pools.pools(user: user, tags: tags, users: try await store.users(tailnet: tailnet))
    }
}
