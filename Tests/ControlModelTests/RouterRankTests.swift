import ControlModel
import Foundation
import IPAddresses
import TestKit
import Testing

@Suite("routers of one route")
struct RouterRankTests {
    private static let route = IPPrefix("10.0.0.0/8")
    private static let other = IPPrefix("192.168.0.0/16")

    private func router(_ number: Int64, at seconds: Double, isOnline: Bool = true) throws -> Node {
        var node = Node.fixture(number)
        node.hostinfo.routableIPs = [try #require(Self.route)]
        node.approvedRoutes = node.hostinfo.routableIPs
        node.isOnline = isOnline
        node.lastSeen = Date.fixture.addingTimeInterval(seconds)
        return node
    }

    private func first(_ nodes: Node...) throws -> NodeID? {
        let primaries = PrimaryRoutes(nodes)
        let route = try #require(Self.route)
        let carriers = nodes.filter { primaries.routes(of: $0).contains(route) }
        try #require(carriers.count <= 1)
        return carriers.first?.id
    }

    @Test("whoever has been connected longest is first, and stays it when others come or come back")
    func longest() throws {
        let (early, late) = (try router(2, at: 0), try router(1, at: 10))
        #expect(try first(early, late) == early.id)
        let (away, back) = (try router(2, at: 5, isOnline: false), try router(2, at: 20))
        #expect(try first(away, late) == late.id)
        #expect(try first(back, late) == late.id)
    }

    @Test("of routers that are all away the last one to leave is first")
    func allAway() throws {
        let (early, late) = (try router(1, at: 0, isOnline: false), try router(2, at: 10, isOnline: false))
        #expect(try first(early, late) == late.id)
        #expect(try first(early, late, try router(3, at: 20)) == .fixture(3))
    }

    @Test("a route that is approved later goes to nobody who is connected longer")
    func laterApproval() throws {
        let route = try #require(Self.route)
        var early = try router(1, at: 0)
        let late = try router(2, at: 10)
        early.approvedRoutes = []
        #expect(try first(early, late) == late.id)
        early.approve([route], at: .fixture.addingTimeInterval(20))
        #expect(try first(early, late) == late.id)
        // Its other routes stay where they are.
        #expect(early.rank < late.rank)
    }

    @Test("a route that is announced later goes to nobody who is connected longer")
    func laterAnnouncement() throws {
        var early = try router(1, at: 0)
        let late = try router(2, at: 10)
        var (without, with) = (early.hostinfo, early.hostinfo)
        without.routableIPs = []
        with.routableIPs = early.approvedRoutes
        early.describe(without, at: .fixture.addingTimeInterval(15))
        #expect(early.servedRoutes.isEmpty)
        early.describe(with, at: .fixture.addingTimeInterval(20))
        #expect(try first(early, late) == late.id)
        let held = early
        early.describe(with, at: .fixture.addingTimeInterval(30))
        #expect(early == held)
    }

    @Test("a router that does not answer gives way, and does not take its place back when it answers again")
    func unhealthy() throws {
        var early = try router(1, at: 0)
        let late = try router(2, at: 10)
        early.setHealthy(false, at: .fixture.addingTimeInterval(20))
        #expect(early.isUnhealthy)
        #expect(try first(early, late) == late.id)
        early.setHealthy(true, at: .fixture.addingTimeInterval(30))
        #expect(!early.isUnhealthy)
        #expect(try first(early, late) == late.id)
    }

    @Test("when none answers the last that did keeps the route, before those that are away")
    func noneAnswers() throws {
        var (early, late) = (try router(1, at: 0), try router(2, at: 10))
        early.setHealthy(false, at: .fixture.addingTimeInterval(20))
        late.setHealthy(false, at: .fixture.addingTimeInterval(21))
        #expect(try first(early, late, try router(3, at: 100, isOnline: false)) == late.id)
    }

    @Test("what was found out about a router ends with its connection")
    func newConnection() throws {
        var node = try router(1, at: 0)
        node.setHealthy(false, at: .fixture.addingTimeInterval(20))
        node.isOnline = false
        #expect(!node.isUnhealthy)
        node.isOnline = true
        node.lastSeen = .fixture.addingTimeInterval(40)
        #expect(!node.isUnhealthy)
        #expect(node.rank.availability == .available)
    }

    @Test("a router without routes is not unhealthy, and one that is told twice stays as it was")
    func edges() throws {
        var node = try router(1, at: 0)
        node.setHealthy(true, at: .fixture.addingTimeInterval(10))
        #expect(node.routing == nil)
        node.setHealthy(false, at: .fixture.addingTimeInterval(20))
        let held = node
        node.setHealthy(false, at: .fixture.addingTimeInterval(30))
        #expect(node == held)
        node.approve([], at: .fixture.addingTimeInterval(40))
        #expect(!node.isUnhealthy)
    }

    @Test("routes count without host bits and once; exit routes go through everybody who has them")
    func shapes() throws {
        var node = try router(1, at: 0)
        let exits = [IPPrefix("0.0.0.0/0"), IPPrefix("::/0")].compactMap(\.self)
        let unmasked = [IPPrefix("10.1.2.3/8"), IPPrefix("10.0.0.0/8")].compactMap(\.self)
        node.hostinfo.routableIPs = unmasked + exits
        node.approvedRoutes += exits
        #expect(node.announcedRoutes == node.approvedRoutes)
        var second = node
        second.id = .fixture(2)
        #expect(PrimaryRoutes([node, second]).routes(of: second) == exits)
        #expect(PrimaryRoutes([node, second]).routes(of: node).count == 3)
        node.hostinfo.routableIPs = [try #require(Self.other)]
        #expect(PrimaryRoutes([node]).routes(of: node).isEmpty)
    }
}
