import Bus
import ControlModel
import Foundation
import IPAddresses
import TestKit
import Testing

@testable import RegistryService

@Suite("Routes", .timeLimit(.minutes(1)))
struct RouteTests {
    private static func routes(_ texts: String...) -> [IPPrefix] { texts.compactMap { IPPrefix($0) } }

    private func router(_ harness: RegistryHarness, announcing routes: [IPPrefix]) async throws -> Node {
        let user = try await harness.user()
        var request = RegisterNode.fixture(authKey: try await harness.authKey(user.id))
        request.hostinfo.routableIPs = routes
        return try await harness.admit(request)
    }

    @Test("approved routes are those that were said last, in order and each once")
    func set() async throws {
        try await RegistryHarness.run { harness in
            let node = try await router(harness, announcing: Self.routes("10.0.0.0/8"))
            let twice = Self.routes("192.168.0.0/16", "10.0.0.0/8", "192.168.0.0/16")
            let changed = try await harness.ask(SetNodeRoutes(node: node.id, routes: twice))
            #expect(changed.approvedRoutes == Self.routes("10.0.0.0/8", "192.168.0.0/16"))
            #expect(changed.servedRoutes == Self.routes("10.0.0.0/8"))
            #expect(try await harness.node(node.id) == changed)
            let version = try await harness.version()
            _ = try await harness.ask(SetNodeRoutes(node: node.id, routes: changed.approvedRoutes))
            #expect(try await harness.version() == version)
            #expect(try await harness.ask(SetNodeRoutes(node: node.id, routes: [])).approvedRoutes.isEmpty)
        }
    }

    @Test("an exit route stands for both families", arguments: ["0.0.0.0/0", "::/0"])
    func exits(text: String) async throws {
        try await RegistryHarness.run { harness in
            let node = try await router(harness, announcing: [])
            let changed = try await harness.ask(SetNodeRoutes(node: node.id, routes: Self.routes(text)))
            #expect(changed.approvedRoutes == Self.routes("0.0.0.0/0", "::/0"))
        }
    }

    @Test("routes that cannot be meant are refused, and nothing changes")
    func refusals() async throws {
        try await RegistryHarness.run { harness in
            let node = try await router(harness, announcing: [])
            let many = (0...RouteApproval.limit).compactMap { number in
                IPPrefix(.v4(IPv4Address(0x0A00_0000 + UInt32(number))), length: 32)
            }
            await harness.expect(.invalid, SetNodeRoutes(node: node.id, routes: Self.routes("10.0.0.1/8")))
            await harness.expect(.invalid, SetNodeRoutes(node: node.id, routes: many))
            await harness.expect(.notFound, SetNodeRoutes(node: .fixture(77), routes: []))
            await harness.expect(.notFound, ApproveNodeRoutes(node: .fixture(77), routes: []))
            #expect(try await harness.node(node.id) == node)
        }
    }

    @Test("what the policy approves comes beside what is approved, if the node announces it")
    func automatic() async throws {
        try await RegistryHarness.run { harness in
            let node = try await router(harness, announcing: Self.routes("10.1.0.0/16", "0.0.0.0/0", "::/0"))
            _ = try await harness.ask(SetNodeRoutes(node: node.id, routes: Self.routes("192.168.0.0/16")))
            let wanted = Self.routes("10.1.0.0/16", "10.2.0.0/16", "0.0.0.0/0")
            _ = try await harness.ask(ApproveNodeRoutes(node: node.id, routes: wanted))
            let changed = try #require(try await harness.node(node.id))
            #expect(changed.approvedRoutes == Self.routes("0.0.0.0/0", "10.1.0.0/16", "192.168.0.0/16", "::/0"))
            let version = try await harness.version()
            _ = try await harness.ask(ApproveNodeRoutes(node: node.id, routes: wanted))
            #expect(try await harness.version() == version)
        }
    }

    @Test("approved routes outlive log-out, a new key and the end of the announcement")
    func relogin() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let key = try await harness.authKey(user.id)
            var request = RegisterNode.fixture(authKey: key)
            request.hostinfo.routableIPs = Self.routes("10.0.0.0/8")
            let node = try await harness.admit(request)
            let routes = Self.routes("0.0.0.0/0", "10.0.0.0/8", "::/0")
            _ = try await harness.ask(SetNodeRoutes(node: node.id, routes: routes))
            _ = try await harness.register(.fixture(expiry: .distantPast))
            var again = RegisterNode.fixture(node: 2, old: 1, authKey: key)
            again.hostinfo.routableIPs = []
            let back = try await harness.admit(again)
            #expect(back.id == node.id)
            #expect(back.approvedRoutes == routes)
            #expect(back.servedRoutes.isEmpty)
        }
    }

    @Test("a report of routes tells when they came")
    func reported() async throws {
        try await RegistryHarness.run { harness in
            let node = try await router(harness, announcing: [])
            let routes = Self.routes("10.0.0.0/8")
            _ = try await harness.ask(SetNodeRoutes(node: node.id, routes: routes))
            harness.time.advance(by: .seconds(30))
            var hostinfo = node.hostinfo
            hostinfo.routableIPs = routes
            _ = try await harness.ask(ReportNodeStatus(node: node.id, status: NodeStatus(hostinfo: hostinfo)))
            try await eventually("the report is written") { try await harness.node(node.id)?.servedRoutes == routes }
            let expected = routes.map { RouteTenure(route: $0, since: harness.time.now) }
            #expect(try await harness.node(node.id)?.routing?.tenures == expected)
        }
    }
}
