import Bus
import BusInProcess
import ControlModel
import Foundation
import IPAddresses
import TestKit
import Testing

@testable import RegistryService

@Suite("Addresses of nodes", .timeLimit(.minutes(1)))
struct AddressTests {
    private func nodes(_ count: Int, _ harness: RegistryHarness) async throws -> [Node] {
        let user = try await harness.user()
        let key = try await harness.authKey(user.id)
        var nodes: [Node] = []
        for number in 1...count {
            nodes.append(
                try await harness.admit(.fixture(machine: number, node: number, authKey: key, hostname: "n\(number)"))
            )
        }
        return nodes
    }

    @Test("a node gets the address that is said, and keeps its other one; the former is free again")
    func chosen() async throws {
        try await RegistryHarness.run { harness in
            let nodes = try await nodes(2, harness)
            let wanted = try #require(IPv4Address("100.64.10.7"))
            let changed = try await harness.ask(SetNodeAddresses(node: nodes[0].id, ipv4: wanted, ipv6: nil))
            #expect(changed.ipv4 == wanted)
            #expect(changed.ipv6 == nodes[0].ipv6)
            let version = try await harness.version()
            #expect(try await harness.ask(SetNodeAddresses(node: nodes[0].id, ipv4: wanted, ipv6: nil)) == changed)
            #expect(try await harness.version() == version)
            let moved = try await harness.ask(SetNodeAddresses(node: nodes[1].id, ipv4: nodes[0].ipv4, ipv6: nil))
            #expect(moved.ipv4 == nodes[0].ipv4)
        }
    }

    @Test("an address is refused that is taken, of another prefix, or no node's to have")
    func refused() async throws {
        try await RegistryHarness.run { harness in
            let nodes = try await nodes(2, harness)
            await harness.expect(.conflict, SetNodeAddresses(node: nodes[0].id, ipv4: nodes[1].ipv4, ipv6: nil))
            await harness.expect(.conflict, SetNodeAddresses(node: nodes[0].id, ipv4: nil, ipv6: nodes[1].ipv6))
            for text in ["10.0.0.1", "100.100.100.100", "100.64.0.0", "100.127.255.255", "100.115.92.7"] {
                await harness.expect(.invalid, SetNodeAddresses(node: nodes[0].id, ipv4: IPv4Address(text), ipv6: nil))
            }
            let foreign = IPv6Address("fd00::1")
            await harness.expect(.invalid, SetNodeAddresses(node: nodes[0].id, ipv4: nil, ipv6: foreign))
            await harness.expect(.notFound, SetNodeAddresses(node: .fixture(77), ipv4: nil, ipv6: nil))
            #expect(try await harness.node(nodes[0].id) == nodes[0])
        }
    }

    @Test(
        "new nodes of those whom the policy gives a pool take their IPv4 addresses from it, and nobody else's changes"
    )
    func pools() async throws {
        try await RegistryHarness.run { harness in
            let early = try await nodes(1, harness)
            let text = """
                {"tagOwners": {"tag:a": []}, "nodeAttrs": [{"target": ["tag:a"], "ipPool": ["100.82.0.0/29"]}]}
                """
            try await eventually("the policy is known") {
                try await harness.bus.publish(PolicyPublished(revision: 2, text: text), tailnet: .default)
                return !harness.registry.pools.isEmpty
            }
            // What is older changes nothing.
            try await harness.bus.publish(PolicyPublished(revision: 1, text: nil), tailnet: .default)
            let pool = try #require(IPPrefix("100.82.0.0/29"))
            let tagged = try await harness.authKey(tags: ["tag:a"])
            let plain = try await harness.authKey(early[0].user)
            var addresses: Set<IPv4Address> = []
            for number in 11...16 {
                let node = try await harness.admit(
                    .fixture(machine: number, node: number, authKey: tagged, hostname: "t\(number)")
                )
                addresses.insert(try #require(node.ipv4))
                #expect(node.ipv6 != nil)
            }
            #expect(addresses.count == 6)
            #expect(addresses.allSatisfy { pool.contains(.v4($0)) })
            let full = RegisterNode.fixture(machine: 17, node: 17, authKey: tagged, hostname: "t17")
            guard case .refused(let reason) = try await harness.register(full) else {
                throw Unexpected(description: "admitted without an address")
            }
            #expect(reason.contains("100.82.0.0/29"))
            let other = try await harness.admit(.fixture(machine: 18, node: 18, authKey: plain, hostname: "p"))
            #expect(other.ipv4.map { !pool.contains(.v4($0)) } == true)
            #expect(try await harness.node(early[0].id)?.ipv4 == early[0].ipv4)
            #expect(await harness.registry.allocator.reservedCount == 0)
        }
    }

    @Test("addresses in a pool of the policy stay outside of the prefix; a moved one comes from the pool")
    func movedIntoPools() async throws {
        let directory = try TemporaryDirectory()
        let text = """
            {"tagOwners": {"tag:a": []}, "nodeAttrs": [{"target": ["tag:a"], "ipPool": ["100.82.0.0/29"]}]}
            """
        let pool = try #require(IPPrefix("100.82.0.0/29"))
        var (plain, pooled, late): (Node?, Node?, Node?) = (nil, nil, nil)
        func publish(_ harness: RegistryHarness) async throws {
            try await eventually("the policy is known") {
                try await harness.bus.publish(PolicyPublished(revision: 2, text: text), tailnet: .default)
                return !harness.registry.pools.isEmpty
            }
        }
        try await RegistryHarness.run(in: directory, configure: { $0.ipv4Prefix = IPPrefix("100.64.0.0/16") }) {
            harness in
            plain = try await nodes(1, harness).first
            let key = try await harness.authKey(tags: ["tag:a"])
            late = try await harness.admit(.fixture(machine: 12, node: 12, authKey: key, hostname: "late"))
            try await publish(harness)
            pooled = try await harness.admit(.fixture(machine: 11, node: 11, authKey: key, hostname: "pooled"))
            #expect(pooled?.ipv4.map { pool.contains(.v4($0)) } == true)
        }
        try await RegistryHarness.run(in: directory, configure: { $0.ipv4Prefix = IPPrefix("100.80.0.0/16") }) {
            harness in
            try await publish(harness)
            #expect(try await harness.ask(PlanAddressBackfill()).nodes == 2)
            #expect(try await harness.ask(BackfillAddresses()).isComplete)
            let nodes = try await harness.ask(ListNodes())
            func now(_ node: Node?) -> Node? { nodes.first { $0.id == node?.id } }
            #expect(now(pooled) == pooled)
            #expect(now(late)?.ipv4.map { pool.contains(.v4($0)) } == true)
            #expect(now(plain)?.ipv4.map { IPPrefix("100.80.0.0/16")?.contains(.v4($0)) == true } == true)
            #expect(Set(nodes.compactMap(\.ipv4)).count == 3)
            #expect(await harness.registry.allocator.reservedCount == 0)
            #expect(try await harness.ask(PlanAddressBackfill()).nodes == 0)
        }
    }

    @Test("where the new prefix is too small the rest keeps its addresses, and the failure says why")
    func tooSmall() async throws {
        let directory = try TemporaryDirectory()
        try await RegistryHarness.run(in: directory) { harness in _ = try await nodes(8, harness) }
        try await RegistryHarness.run(in: directory, configure: { $0.ipv4Prefix = IPPrefix("100.127.0.0/29") }) {
            harness in
            await harness.expect(.exhausted, BackfillAddresses())
            let nodes = try await harness.ask(ListNodes())
            let prefix = try #require(IPPrefix("100.127.0.0/29"))
            #expect(nodes.count { node in node.ipv4.map { prefix.contains(.v4($0)) } == true } == 6)
            #expect(Set(nodes.compactMap(\.ipv4)).count == 8)
            #expect(await harness.registry.allocator.reservedCount == 0)
        }
    }

    @Test("nodes get the addresses of a family that came, and lose those of one that went; all others stay")
    func backfill() async throws {
        let directory = try TemporaryDirectory()
        var before: [Node] = []
        try await RegistryHarness.run(in: directory, configure: { $0.ipv4Prefix = nil }) { harness in
            before = try await nodes(3, harness)
            #expect(before.allSatisfy { $0.ipv4 == nil && $0.ipv6 != nil })
            #expect(try await harness.ask(BackfillAddresses()) == .init(changes: [], isComplete: true))
        }
        try await RegistryHarness.run(in: directory, configure: { $0.pageLength = 2 }) { harness in
            let answer = try await harness.ask(BackfillAddresses())
            #expect(answer.changes.count == 3)
            #expect(answer.isComplete)
            let after = try await harness.ask(ListNodes())
            #expect(Set(after.compactMap(\.ipv4)).count == 3)
            #expect(after.map(\.ipv6) == before.map(\.ipv6))
            #expect(try await harness.ask(BackfillAddresses()).changes.isEmpty)
        }
        try await RegistryHarness.run(in: directory, configure: { $0.ipv6Prefix = nil }) { harness in
            #expect(try await harness.ask(BackfillAddresses()).changes.count == 3)
            let after = try await harness.ask(ListNodes())
            #expect(after.allSatisfy { $0.ipv4 != nil && $0.ipv6 == nil })
        }
    }
}
