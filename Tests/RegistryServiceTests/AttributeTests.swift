import Bus
import ControlModel
import Foundation
import TestKit
import Testing

@testable import RegistryService

@Suite("Attributes of nodes", .timeLimit(.minutes(1)))
struct AttributeTests {
    private func node(_ harness: RegistryHarness) async throws -> Node {
        let key = try await harness.authKey(try await harness.user().id)
        return try await harness.admit(.fixture(authKey: key))
    }

    private func set(
        _ name: String,
        _ value: DeviceAttribute.Value = .bool(true),
        expiry: Date? = nil,
        of node: Node
    ) -> SetNodeAttribute {
        let attribute = DeviceAttribute(name: name, value: value, expiry: expiry)
        return SetNodeAttribute(node: node.id, name: name, attribute: attribute)
    }

    @Test("each of several registries may end attributes: it is done once, and only for those whose time is over")
    func ends() async throws {
        try await RegistryHarness.run { harness in
            let node = try await node(harness)
            let soon = harness.time.now.addingTimeInterval(10)
            _ = try await harness.ask(set("custom:a", expiry: soon, of: node))
            _ = try await harness.ask(set("custom:b", expiry: soon.addingTimeInterval(1), of: node))
            _ = try await harness.ask(set("custom:c", of: node))
            let version = try await harness.version()
            harness.time.advance(by: .milliseconds(9_999))
            await harness.registry.endAttributes()
            #expect(try await harness.version() == version)
            harness.time.advance(by: .milliseconds(1))
            await withDiscardingTaskGroup { group in
                for _ in 1...8 { group.addTask { await harness.registry.endAttributes() } }
            }
            #expect(try await harness.version() == version + 1)
            #expect(try await harness.node(node.id)?.attributes.map(\.name) == ["custom:b", "custom:c"])
            harness.time.advance(by: .seconds(1))
            await harness.registry.endAttributes()
            #expect(try await harness.node(node.id)?.attributes.map(\.name) == ["custom:c"])
            harness.time.advance(by: .seconds(100_000))
            await harness.registry.endAttributes()
            #expect(try await harness.version() == version + 2)
        }
    }

    @Test("the same again is no change; too many, ended, misnamed and absent ones are refused")
    func refused() async throws {
        try await RegistryHarness.run { harness in
            let node = try await node(harness)
            let first = try await harness.ask(set("custom:a", .number(1), of: node))
            #expect(try await harness.ask(set("custom:a", .number(1), of: node)) == first)
            for number in 1..<DeviceAttribute.countLimit {
                _ = try await harness.ask(set("custom:n\(number)", of: node))
            }
            await harness.expect(.invalid, set("custom:more", of: node))
            _ = try await harness.ask(set("custom:a", .number(2), of: node))
            let now = harness.time.now
            await harness.expect(.invalid, set("custom:a", expiry: now, of: node))
            await harness.expect(.invalid, set("custom:a b", of: node))
            await harness.expect(.invalid, set("custom:a", .number(.nan), of: node))
            await harness.expect(.invalid, set("custom:a", .string(String(repeating: "x", count: 51)), of: node))
            let other = DeviceAttribute(name: "custom:b", value: .bool(true))
            await harness.expect(.invalid, SetNodeAttribute(node: node.id, name: "custom:a", attribute: other))
            await harness.expect(.notFound, SetNodeAttribute(node: node.id, name: "custom:x", attribute: nil))
            await harness.expect(.notFound, SetNodeAttribute(node: .fixture(77), name: "custom:a", attribute: nil))
        }
    }

    @Test("attributes stay with a device that logs in again, and are lost when its node becomes another's by a login")
    func handedOver() async throws {
        try await RegistryHarness.run { harness in
            let user = try await harness.user()
            let key = try await harness.authKey(user.id)
            let node = try await harness.admit(.fixture(authKey: key))
            let attribute = try await harness.ask(set("custom:a", of: node)).attributes
            #expect(try await harness.admit(.fixture(node: 2, old: 1, authKey: key)).attributes == attribute)
            let status = NodeStatus(homeDERP: 901)
            _ = try await harness.ask(ReportNodeStatus(node: node.id, status: status))
            try await eventually("the report is written") { try await harness.node(node.id)?.homeDERP == 901 }
            #expect(try await harness.node(node.id)?.attributes == attribute)
            let tagged = try await harness.authKey(tags: ["tag:a"])
            let after = try await harness.admit(.fixture(node: 3, old: 2, authKey: tagged))
            #expect(after.id == node.id && after.tags == ["tag:a"])
            #expect(after.attributes == [])
        }
    }

    @Test(
        "who tells an event is who has the node; events of nodes that are not there, or have no such name, are refused"
    )
    func events() async throws {
        try await RegistryHarness.run { harness in
            let node = try await node(harness)
            _ = try await harness.ask(RecordClientEvent(node: node.id, action: "DISCONNECT_NODE", details: ""))
            let record = try await harness.ask(ListAuditRecords(query: AuditQuery(limit: 1))).first
            #expect(record?.cause.actor == "user alice" && record?.cause.action == "client.DISCONNECT_NODE")
            #expect(record?.target == AuditImage(node).target)
            let version = try await harness.version()
            for action in ["", "disconnect", "A B", String(repeating: "A", count: 41), "registry.node.delete"] {
                await harness.expect(.invalid, RecordClientEvent(node: node.id, action: action, details: ""))
            }
            let long = String(repeating: "x", count: RecordClientEvent.detailsLimit + 1)
            await harness.expect(.invalid, RecordClientEvent(node: node.id, action: "A", details: long))
            await harness.expect(.notFound, RecordClientEvent(node: .fixture(77), action: "A", details: ""))
            #expect(try await harness.version() == version)
        }
    }
}
