import Bus
import BusInProcess
import ControlModel
import IPAddresses
import PolicyService
import TestKit
import Testing

@Suite("policy service: routes that policies approve", .timeLimit(.minutes(1)))
struct RouteApproverTests {
    private let harness: PolicyHarness
    private static let policy = """
        {"tagOwners": {"tag:router": []},
         "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:router", "ann@example.com"]}, "exitNode": ["tag:router"]}}
        """

    init() throws {
        harness = try PolicyHarness()
    }

    private func announce(_ node: Node, _ routes: [String], approved: [String] = []) async throws {
        var node = node
        node.hostinfo.routableIPs = routes.compactMap { IPPrefix($0) }
        node.approvedRoutes = approved.compactMap { IPPrefix($0) }
        try await harness.bus.publish(harness.registry.commit(node), tailnet: .default)
    }

    private func expectApprovals(_ expected: [(Int64, [String])]) async throws {
        let wanted = expected.map { ApproveNodeRoutes(node: .fixture($0), routes: $1.compactMap { IPPrefix($0) }) }
        // What the copy does not show after a while is asked for again: more often on a busy machine, never for anything else.
        try await eventually("the approvals", read: { harness.registry.approvals }) { asked in
            asked.count >= wanted.count && asked.allSatisfy(wanted.contains) && wanted.allSatisfy(asked.contains)
        }
    }

    @Test(
        "routes that come under a policy are approved; those of others, and what is approved already, are not asked for"
    )
    func announced() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.policy)
            try await announce(FakeTailnet.node(2, user: 2), ["10.1.0.0/16"])
            let router = FakeTailnet.node(3, tags: ["tag:router"])
            try await announce(router, ["10.1.0.0/16", "192.168.0.0/16", "10.2.0.0/16"], approved: ["10.1.0.0/16"])
            try await expectApprovals([(3, ["10.2.0.0/16"])])
            try await announce(FakeTailnet.node(4, tags: ["tag:router"]), ["0.0.0.0/0", "::/0"])
            try await eventually("the exit node") {
                harness.registry.approvals.contains { $0.node == .fixture(4) && $0.routes.count == 2 }
            }
            #expect(!harness.registry.approvals.contains { $0.node == .fixture(2) })
        }
    }

    @Test("routes that are there already are approved when a policy says so, not before")
    func policyLater() async throws {
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(#"{"grants": []}"#)
            try await announce(FakeTailnet.node(1, user: 1), ["10.1.0.0/16"])
            try await harness.set(Self.policy)
            try await expectApprovals([(1, ["10.1.0.0/16"])])
        }
    }

    @Test("what the registry cannot take now is asked for again")
    func again() async throws {
        harness.registry.refuseApprovals(2)
        try await harness.running(harness.service()) { () async throws in
            try await harness.set(Self.policy)
            try await announce(FakeTailnet.node(1, user: 1), ["10.1.0.0/16"])
            try await expectApprovals(Array(repeating: (1, ["10.1.0.0/16"]), count: 3))
        }
    }
}
