import ControlModel
import Foundation
import IPAddresses
import PolicyLanguage
import TestKit
import Testing

@testable import ControlGatewayService

@Suite("Primary routers")
struct PrimaryRouterTests {
    @Test("network maps and the admin API name the same routers, from the same rows", arguments: 1...60)
    func agreement(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let routes = ["10.0.0.0/8", "192.168.0.0/16", "fd00::/8", "0.0.0.0/0"].compactMap { IPPrefix($0) }
        let nodes = (1...6).map { Self.node($0, routes, &random) }
        let network = PolicyNetwork(
            users: [PolicyUser(id: 1, name: "ann", email: "")],
            nodes: nodes.shuffled(using: &random).map { PolicyNode($0) }
        )
        let engine = PolicyEngine(PolicyDocument(), for: network)
        let primaries = PrimaryRoutes(nodes)
        for node in nodes {
            let told = primaries.routes(of: node).filter { $0.length > 0 }
            #expect(engine.selfView(of: node.id.rawValue)?.primaryRoutes.sorted() == told, "node \(node.id)")
        }
    }

    private static func node(_ number: Int64, _ routes: [IPPrefix], _ random: inout SeededRandom) -> Node {
        let date = { (random: inout SeededRandom) in
            Date.fixture.addingTimeInterval(Double(Int.random(in: 0...4, using: &random)))
        }
        var node = Node.fixture(number)
        node.isOnline = Bool.random(using: &random)
        node.lastSeen = date(&random)
        var hostinfo = node.hostinfo
        hostinfo.routableIPs = routes.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }.shuffled(using: &random)
        node.describe(hostinfo, at: date(&random))
        node.approve(routes.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }, at: date(&random))
        if Bool.random(using: &random) { node.setHealthy(false, at: date(&random)) }
        if Bool.random(using: &random) { node.setHealthy(true, at: date(&random)) }
        return node
    }
}
