import ControlModel
import Foundation
import Storage

extension RegistryStoreContract {
    static let attributeClauses = [
        clause("attributes of a node come back as they were written, whatever their values") { store in
            var node = Node.fixture(1)
            node.attributes = [
                DeviceAttribute(name: "custom:a", value: .string("prod"), expiry: .fixture, comment: "why"),
                DeviceAttribute(name: "custom:b", value: .number(-0.5)),
                DeviceAttribute(name: "custom:c", value: .bool(true)),
                DeviceAttribute(name: "custom:d", value: .number(1)),
                DeviceAttribute(name: "custom:e", value: .string("1")),
            ]
            try await store.commit(.createUser(.fixture(1)), .createNode(node))
            var stored = try requireSome(try await store.node(node.id, tailnet: .default), "the node")
            try require(stored.attributes, is: node.attributes)
            stored.attributes.removeLast(4)
            let changes = try await store.commit(.replaceNode(stored))
            stored.version = 3
            try require(changes.map(\.subject), is: [.node(stored)])
            try require(try await store.node(node.id, tailnet: .default), is: stored)
        },
        clause("nodes are found by the first end of their attributes, soonest first") { store in
            try await store.commit(.createUser(.fixture(1)))
            let ends: [[TimeInterval?]] = [[20, 5], [], [1], [nil, 30]]
            for (number, offsets) in ends.enumerated() {
                var node = Node.fixture(Int64(number + 1))
                node.attributes = offsets.enumerated().map { index, offset in
                    DeviceAttribute(
                        name: "custom:a\(index)",
                        value: .bool(true),
                        expiry: offset.map { Date.fixture.addingTimeInterval($0) }
                    )
                }
                try await store.commit(.createNode(node))
            }
            func found(_ offset: TimeInterval, limit: Int = 10) async throws -> [NodeID] {
                let date = Date.fixture.addingTimeInterval(offset)
                return try await store.nodes(withAttributesEndingBy: date, limit: limit, tailnet: .default).map(\.id)
            }
            try require(try await found(0), is: [])
            try require(try await found(1), is: [.fixture(3)])
            try require(try await found(25), is: [.fixture(3), .fixture(1)])
            try require(try await found(30), is: [.fixture(3), .fixture(1), .fixture(4)])
            try require(try await found(30, limit: 2), is: [.fixture(3), .fixture(1)])
            var node = try requireSome(try await store.node(.fixture(3), tailnet: .default), "the node")
            node.attributes = []
            try await store.commit(.replaceNode(node))
            try require(try await found(25), is: [.fixture(1)])
        },
    ]
}
