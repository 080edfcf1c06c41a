import ControlModel
import Foundation
import IPAddresses
import TestKit
import Testing

@Suite("routers of one route, whatever happens")
struct RouterRankPropertyTests {
    /// One thing that happens to one router.
    private enum Happening: CaseIterable {
        case comes, goes, silent, answers, approved, withdrawn, announces, stops
    }

    @Test(
        "a route goes through one that can be used where there is one, and moves only when it must",
        arguments: 1...40
    )
    func history(seed: UInt64) throws {
        let route = try #require(IPPrefix("10.0.0.0/8"))
        var random = SeededRandom(seed: seed)
        var nodes: [Node] = (1...4).map { .fixture($0) }
        var now = Date.fixture
        var primary: NodeID?
        for _ in 0..<300 {
            now += Double.random(in: 0.001...20, using: &random)
            let index = Int.random(in: nodes.indices, using: &random)
            let happening = try #require(Happening.allCases.randomElement(using: &random))
            Self.apply(happening, to: &nodes[index], route, at: now)
            let primaries = PrimaryRoutes(nodes)
            let carriers = nodes.filter { primaries.routes(of: $0).contains(route) }
            let candidates = nodes.filter { $0.servedRoutes.contains(route) }
            try #require(carriers.count == min(candidates.count, 1))
            guard let carrier = carriers.first else {
                primary = nil
                continue
            }
            let isUsable = { (node: Node) in node.isOnline && !node.isUnhealthy }
            if candidates.contains(where: isUsable) { #expect(isUsable(carrier), "\(happening)") }
            if let former = candidates.first(where: { $0.id == primary }), former.id != carrier.id {
                #expect(!isUsable(former), "\(happening)")
            }
            primary = carrier.id
        }
    }

    private static func apply(_ happening: Happening, to node: inout Node, _ route: IPPrefix, at now: Date) {
        switch happening {
        case .comes where !node.isOnline: (node.isOnline, node.lastSeen) = (true, now)
        case .goes where node.isOnline: (node.isOnline, node.lastSeen) = (false, now)
        case .silent where node.isOnline: node.setHealthy(false, at: now)
        case .answers where node.isOnline: node.setHealthy(true, at: now)
        case .approved: node.approve([route], at: now)
        case .withdrawn: node.approve([], at: now)
        case .announces: announce([route], of: &node, at: now)
        case .stops: announce([], of: &node, at: now)
        case .comes, .goes, .silent, .answers: return
        }
    }

    private static func announce(_ routes: [IPPrefix], of node: inout Node, at now: Date) {
        var hostinfo = node.hostinfo
        hostinfo.routableIPs = routes
        node.describe(hostinfo, at: now)
    }
}
