import ControlModel
import Foundation
import IPAddresses
import Keys
import Storage

extension RegistryStoreContract {
    static let userClauses = [
        clause("a user is found by id and name, and listed by id") { store in
            try await store.commit(.createUser(.fixture(1, name: "zoe")), .createUser(.fixture(2, name: "adam")))
            let zoe = try await store.user(.fixture(1), tailnet: .default)
            try require(zoe?.name, is: "zoe")
            try require(try await store.user(named: "zoe", tailnet: .default), is: zoe)
            try require(try await store.users(tailnet: .default).map(\.name), is: ["zoe", "adam"])
            try require(try await store.user(.fixture(3), tailnet: .default), is: nil)
            try require(try await store.user(named: "Zoe", tailnet: .default), is: nil)
        },
        clause("a user keeps every field") { store in
            var user = User.fixture(1)
            user.displayName = "Zoë ☂"
            user.email = "z@example.com"
            user.profilePictureURL = "https://example.com/z.png"
            user.identity = UserIdentity(
                issuer: "https://id.example.com/",
                subject: "s/1",
                groups: ["admins", "ünits"]
            )
            user.role = .networkAdmin
            user.createdAt = Date(timeIntervalSinceReferenceDate: 123_456.789_012_345)
            try await store.commit(.createUser(user))
            user.version = 1
            try require(try await store.user(.fixture(1), tailnet: .default), is: user)
            try require(try await store.user(withIdentity: "https://id.example.com/s/1", tailnet: .default), is: user)
            try require(try await store.user(withIdentity: "https://id.example.com/s/2", tailnet: .default), is: nil)
            user.name = "other"
            user.identity = nil
            user.role = .owner
            try await store.commit(.replaceUser(user))
            user.version = 2
            try require(try await store.user(withIdentity: "https://id.example.com/s/1", tailnet: .default), is: nil)
            try require(try await store.user(.fixture(1), tailnet: .default), is: user)
        },
        clause("deleting a user removes its auth keys") { store in
            try await store.commit(.createUser(.fixture(1)), .createUser(.fixture(2)))
            try await store.commit(.createAuthKey(.fixture(1)), .createAuthKey(.fixture(2, user: .fixture(2))))
            let changes = try await store.commit(.deleteUser(.fixture(1)))
            try require(changes.last?.subject, is: .userRemoved(.fixture(1)))
            try require(try await store.authKeys(tailnet: .default).map(\.id), is: [.fixture(2)])
            try require(try await store.user(.fixture(1), tailnet: .default), is: nil)
        },
        clause("tailnets do not see each other") { store in
            let other = try requireSome(TailnetID("other"), "a tailnet")
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            _ = try await store.commit([.createUser(.fixture(1)), .createNode(.fixture(1))], tailnet: other)
            try require(try await store.user(.fixture(1), tailnet: other)?.tailnet, is: other)
            try await store.commit(.deleteNode(.fixture(1)))
            try require(try await store.node(.fixture(1), tailnet: .default), is: nil)
            try require(try await store.node(.fixture(1), tailnet: other)?.tailnet, is: other)
            try require(try await store.version(of: other), is: 2)
        },
    ]

    static let nodeClauses = [
        clause("a node keeps every field") { store in
            try await store.commit(.createUser(.fixture(1)), .createAuthKey(.fixture(1)))
            var node = Node.fixture(1, authKey: .fixture(1))
            try await store.commit(.createNode(node))
            node.version = 3
            try require(try await store.node(.fixture(1), tailnet: .default), is: node)
            node = try rich(node)
            try await store.commit(.replaceNode(node))
            node.version = 4
            try require(try await store.node(.fixture(1), tailnet: .default), is: node)
            node.routing = nil
            try await store.commit(.replaceNode(node))
            node.version = 5
            try require(try await store.node(.fixture(1), tailnet: .default), is: node)
        },
        clause("a node is found by its node key and its machine key") { store in
            try await store.commit(.createUser(.fixture(1)))
            var tagged = Node.fixture(2, tags: ["tag:a"])
            tagged.machineKey = .fixture(1)
            try await store.commit(.createNode(.fixture(1)), .createNode(tagged), .createNode(.fixture(3)))
            try require(try await store.node(withNodeKey: .fixture(2), tailnet: .default)?.id, is: .fixture(2))
            try require(try await store.node(withNodeKey: .fixture(9), tailnet: .default), is: nil)
            let device = try await store.nodes(withMachineKey: .fixture(1), tailnet: .default)
            try require(device.map(\.id), is: [.fixture(1), .fixture(2)])
            try require(try await store.nodes(withMachineKey: .fixture(9), tailnet: .default), is: [])
        },
        clause("nodes are listed by id in parts") { store in
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...5 { try await store.commit(.createNode(.fixture(number))) }
            let first = try await store.nodes(after: nil, limit: 3, tailnet: .default)
            try require(first.map(\.id.rawValue), is: [1, 2, 3])
            let second = try await store.nodes(after: .fixture(3), limit: 3, tailnet: .default)
            try require(second.map(\.id.rawValue), is: [4, 5])
            try require(try await store.nodes(after: .fixture(5), limit: 3, tailnet: .default), is: [])
        },
        clause("names like a prefix are the prefix and those that go on with a dash") { store in
            try await store.commit(.createUser(.fixture(1)))
            let names = ["web", "web-1", "web-x", "webb", "we", "web.1", "db-web"]
            for (index, name) in names.enumerated() {
                var node = Node.fixture(Int64(index + 1))
                node.givenName = name
                try await store.commit(.createNode(node))
            }
            let like = try await store.givenNames(like: "web", tailnet: .default)
            try require(like, is: ["web", "web-1", "web-x"])
        },
        clause("a status report changes what it names and nothing else") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            let status = NodeStatus(hostinfo: .fixture(), homeDERP: 900, isOnline: true)
            let changes = try await store.commit(.updateNodeStatus(.fixture(1), status))
            var expected = status.applied(to: .fixture(1))
            expected.version = 3
            try require(try node(changes.first), is: expected)
            try require(try await store.node(.fixture(1), tailnet: .default), is: expected)
        },
        clause("a status report about a node that is gone is passed over") { store in
            let changes = try await store.commit(.updateNodeStatus(.fixture(7), NodeStatus(isOnline: true)))
            try require(changes, is: [])
        },
    ]

    /// The node with something in every field.
    private static func rich(_ node: Node) throws -> Node {
        var node = node
        node.nodeKey = .fixture(77)
        node.discoKey = .fixture(78)
        node.hostname = "Zoë's Laptop"
        node.givenName = "zoes-laptop"
        node.isNamePinned = true
        node.ipv4 = nil
        node.hostinfo = .fixture()
        node.endpoints = [NodeEndpoint(endpoint: try requireSome(IPEndpoint("[fe80::1]:41641"), "endpoint"), type: 1)]
        node.homeDERP = 900
        node.capabilityVersion = CapabilityVersion(130)
        node.registerMethod = .cli
        node.isEphemeral = true
        node.isApproved = false
        node.postureIdentity = PostureIdentity(
            serialNumbers: ["C02XYZ"],
            hardwareAddresses: ["00:00:5e:00:53:01"],
            isDisabled: false,
            collectedAt: Date(timeIntervalSince1970: 1_700_000_003)
        )
        node.expiry = Date(timeIntervalSinceReferenceDate: 900_000_000.125)
        node.approvedRoutes = [try requireSome(IPPrefix("10.0.0.0/8"), "prefix")]
        node.routing = RoutingState(
            tenures: node.approvedRoutes.map { RouteTenure(route: $0, since: .fixture) },
            unhealthySince: Date(timeIntervalSinceReferenceDate: 900_000_000.125),
            healthySince: .fixture
        )
        node.isOnline = true
        node.lastSeen = .fixture
        return node
    }
}
