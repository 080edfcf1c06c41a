import Bus
import ControlModel
import IPAddresses
import TestKit
import Testing

@testable import RegistryService

@Suite("Router health", .timeLimit(.minutes(1)))
struct RouterHealthTests {
    /// Connected routers of one route, the first longest.
    private func routers(_ count: Int, _ harness: RegistryHarness) async throws -> [NodeID] {
        let user = try await harness.user()
        let key = try await harness.authKey(user.id)
        let routes = [IPPrefix("10.1.0.0/16")].compactMap(\.self)
        var ids: [NodeID] = []
        for number in 1...count {
            harness.time.advance(by: .seconds(1))
            let node = try await harness.admit(
                .fixture(machine: number, node: number, authKey: key, hostname: "r\(number)")
            )
            _ = try await harness.ask(SetNodeRoutes(node: node.id, routes: routes))
            ids.append(node.id)
            let report = ReportPresence(gateway: "g", connected: ids, disconnected: [], isComplete: true)
            _ = try await harness.ask(report)
        }
        return ids
    }

    private func primary(_ harness: RegistryHarness) async throws -> NodeID? {
        let nodes = try await harness.ask(ListNodes())
        let primaries = PrimaryRoutes(nodes)
        return nodes.first { !primaries.routes(of: $0).isEmpty }?.id
    }

    @Test("a silent router gives way; what is no news writes nothing")
    func silent() async throws {
        try await RegistryHarness.run { harness in
            let ids = try await routers(2, harness)
            #expect(try await primary(harness) == ids[0])
            _ = try await harness.ask(ReportRouterHealth(healthy: [], unhealthy: [ids[0]]))
            #expect(try await primary(harness) == ids[1])
            let version = try await harness.version()
            _ = try await harness.ask(ReportRouterHealth(healthy: [ids[1]], unhealthy: [ids[0], ids[0]]))
            #expect(try await harness.version() == version)
            harness.time.advance(by: .seconds(5))
            _ = try await harness.ask(ReportRouterHealth(healthy: [ids[0]], unhealthy: []))
            #expect(try await harness.node(ids[0])?.isUnhealthy == false)
            #expect(try await primary(harness) == ids[1])
        }
    }

    @Test("routers that fall silent together leave the route where it is")
    func together() async throws {
        try await RegistryHarness.run { harness in
            let ids = try await routers(3, harness)
            _ = try await harness.ask(ReportRouterHealth(healthy: [], unhealthy: ids))
            for id in ids { #expect(try await harness.node(id)?.isUnhealthy == true) }
            #expect(try await primary(harness) == ids[0])
        }
    }

    @Test("nodes that are away or unknown are passed over, and too long a report is refused")
    func edges() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let node = try await harness.admit(.fixture(authKey: try await harness.authKey(user.id)))
            let version = try await harness.version()
            _ = try await harness.ask(
                ReportRouterHealth(healthy: [node.id, .fixture(77)], unhealthy: [node.id, .fixture(78)])
            )
            #expect(try await harness.version() == version)
            let many = (1...10_001).map { NodeID.fixture($0) }
            await harness.expect(.invalid, ReportRouterHealth(healthy: [], unhealthy: many))
        }
    }
}
