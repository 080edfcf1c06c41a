/// What one policy changes for whom, seen from another, in the same network.
public struct PolicyDifference: Hashable, Sendable {
    /// Ports that sources gain or lose at destinations.
    public var access: [Change] = []
    /// Names under which sources may log in to destinations by SSH; `(check)` behind those that ask again.
    public var ssh: [Change] = []
    /// Attributes and settings of nodes; these have no sources.
    public var attributes: [Change] = []

    public var isEmpty: Bool { access.isEmpty && ssh.isEmpty && attributes.isEmpty }

    /// What all of these sources gain and lose at all of these destinations.
    public struct Change: Hashable, Sendable {
        /// Names of nodes, or addresses behind routers.
        public var sources: [String]
        /// The same, or `autogroup:internet`.
        public var destinations: [String]
        public var scope: Scope
        public var gained: [String]
        public var lost: [String]
    }

    /// Which pairs of sources and destinations are meant.
    public enum Scope: String, Hashable, Sendable {
        case all
        /// Only devices of one user among each other.
        case sameUser
        /// Only devices that do not belong to one user.
        case otherUsers
    }
}

/// Changes that are told together where only their sources, or only their destinations, differ.
struct ChangeList {
    private struct Effect: Hashable {
        var scope: PolicyDifference.Scope
        var gained: [String]
        var lost: [String]
    }

    private struct Key: Hashable {
        var effect: Effect
        var others: [Int]
    }

    /// By effect and destination: numbers of the sources.
    private var sources: [Effect: [Int: [Int]]] = [:]

    mutating func add(
        from source: Int,
        to destination: Int,
        _ scope: PolicyDifference.Scope,
        gained: [String],
        lost: [String]
    ) {
        guard !gained.isEmpty || !lost.isEmpty else { return }
        sources[Effect(scope: scope, gained: gained, lost: lost), default: [:]][destination, default: []].append(source)
    }

    /// - Parameter names: what a number stands for.
    func changes(_ names: (Int) -> [String]) -> [PolicyDifference.Change] {
        var grouped: [Key: [Int]] = [:]
        for (effect, byDestination) in sources {
            for (destination, list) in byDestination {
                grouped[Key(effect: effect, others: list.sorted()), default: []].append(destination)
            }
        }
        let changes = grouped.map { key, destinations in
            PolicyDifference.Change(
                sources: key.others.flatMap(names),
                destinations: destinations.sorted().flatMap(names),
                scope: key.effect.scope,
                gained: key.effect.gained,
                lost: key.effect.lost
            )
        }
        return changes.sorted { left, right in
            (left.sources.joined(), left.destinations.joined(), left.scope.rawValue, left.gained.joined())
                < (right.sources.joined(), right.destinations.joined(), right.scope.rawValue, right.gained.joined())
        }
    }
}
