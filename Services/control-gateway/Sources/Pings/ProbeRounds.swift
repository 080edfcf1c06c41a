import ControlModel

/// A router that holds a map stream here.
struct HeldRouter: Hashable, Sendable {
    var node: NodeID
    var stream: UInt64
    /// Whether another router that is connected has one of its routes, too.
    var isShared: Bool
    /// As its row says.
    var isUnhealthy: Bool
}

/// Which routers to ask whether they answer, and what their answers mean.
///
/// Pure: a stream is asked from the second round on: a client that has just come has other things to do.
struct ProbeRounds: Sendable {
    /// What is to be told about routers.
    struct Verdict: Hashable, Sendable {
        var healthy: [NodeID] = []
        var unhealthy: [NodeID] = []

        var isEmpty: Bool { healthy.isEmpty && unhealthy.isEmpty }
    }

    /// Streams of the last round.
    private var known: [NodeID: UInt64] = [:]
    private var asked: [NodeID: UInt64] = [:]

    /// Begins a round: whom to ask now.
    mutating func begin(_ routers: [HeldRouter]) -> [NodeID] {
        let due = routers.filter { ($0.isShared || $0.isUnhealthy) && known[$0.node] == $0.stream }
        asked = Dictionary(due.map { ($0.node, $0.stream) }) { $1 }
        known = Dictionary(routers.map { ($0.node, $0.stream) }) { $1 }
        return due.map(\.node).sorted()
    }

    /// Ends a round: what the answers say of routers as they are now.
    ///
    /// A router that came back meanwhile, or for another reason is held by another stream than before, is given a new chance.
    mutating func end(_ outcomes: [NodeID: PingDesk.Outcome], _ routers: [HeldRouter]) -> Verdict {
        var verdict = Verdict()
        for router in routers.sorted(by: { $0.node < $1.node }) {
            let isSame = asked[router.node] == router.stream
            switch outcomes[router.node] {
            case .answered where isSame && router.isUnhealthy: verdict.healthy.append(router.node)
            case .silent where isSame && router.isShared && !router.isUnhealthy: verdict.unhealthy.append(router.node)
            case .answered, .silent, .unasked, nil:
                if !isSame && router.isUnhealthy { verdict.healthy.append(router.node) }
            }
        }
        return verdict
    }
}
