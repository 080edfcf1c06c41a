import Foundation
public import IPAddresses

/// Who of several routers of one route carries it: the one with the lowest rank, the same for all who look at the same rows.
///
/// Whoever can be used and has had the route longest: a router that was away, did not answer, or got the route later comes after
/// those that took over, so that routes stay where they went. Of those that cannot be used the last that could comes first:
/// nothing moves where moving helps nobody.
public struct RouterRank: Hashable, Sendable, Comparable {
    /// How far it can be used.
    public enum Availability: Int, Hashable, Sendable {
        case available
        /// It is connected and does not answer.
        case unhealthy
        case offline
    }

    public var availability: Availability
    /// In milliseconds; lower comes first.
    public var precedence: Int64
    public var node: NodeID

    public static func < (left: RouterRank, right: RouterRank) -> Bool {
        (left.availability.rawValue, left.precedence, left.node)
            < (right.availability.rawValue, right.precedence, right.node)
    }
}

extension Node {
    /// Its rank for routes that it has had for as long as it is connected.
    public var rank: RouterRank {
        if !isOnline {
            return RouterRank(availability: .offline, precedence: -(lastSeen?.milliseconds ?? 0), node: id)
        }
        if isUnhealthy {
            let since = routing?.unhealthySince?.milliseconds ?? 0
            return RouterRank(availability: .unhealthy, precedence: -since, node: id)
        }
        let connected = lastSeen?.milliseconds ?? 0
        let answering = routing?.healthySince?.milliseconds ?? 0
        return RouterRank(availability: .available, precedence: max(connected, answering), node: id)
    }

    /// Precedences for routes that it got later than it connected.
    public var laterPrecedences: [IPPrefix: Int64] {
        let rank = rank
        guard rank.availability == .available, let routing else { return [:] }
        let later = routing.tenures.lazy.map { ($0.route, $0.since.milliseconds) }.filter { $0.1 > rank.precedence }
        return Dictionary(later) { max($0, $1) }
    }
}

/// Which nodes carry which routes.
public struct PrimaryRoutes: Sendable {
    private var first: [IPPrefix: RouterRank] = [:]

    public init(_ nodes: some Sequence<Node>) {
        for node in nodes {
            let served = node.servedRoutes
            guard !served.isEmpty else { continue }
            let (rank, later) = (node.rank, node.laterPrecedences)
            for route in served {
                var own = rank
                if let precedence = later[route] { own.precedence = precedence }
                first[route] = min(first[route] ?? own, own)
            }
        }
    }

    /// Routes that the node carries: those where it is first, and all its exit routes.
    public func routes(of node: Node) -> [IPPrefix] {
        node.servedRoutes.filter { $0.length == 0 || first[$0]?.node == node.id }.sorted()
    }
}

extension Date {
    fileprivate var milliseconds: Int64 { Int64(clamping: Int((timeIntervalSince1970 * 1000).rounded())) }
}
