import ControlModel
import IPAddresses
import Keys
import Storage

extension RegistryStoreContract {
    static let conflictClauses = [
        clause("an identity at a provider belongs to one user") { store in
            var (first, second) = (User.fixture(1), User.fixture(2))
            first.identity = UserIdentity(issuer: "https://id.example.com", subject: "1", groups: ["a"])
            second.identity = UserIdentity(issuer: "https://id.example.com/", subject: "1")
            try await store.commit(.createUser(first))
            try await requireConflict(.userIdentity, store, .createUser(second))
            second.identity?.subject = "2"
            try await store.commit(.createUser(second), .createUser(.fixture(3)), .createUser(.fixture(4)))
        },
        clause("a taken user name is refused") { store in
            try await store.commit(.createUser(.fixture(1, name: "a1")), .createUser(.fixture(2, name: "b1")))
            try await requireConflict(.userName, store, .createUser(.fixture(3, name: "a1")))
            var user = try requireSome(try await store.user(.fixture(2), tailnet: .default), "the user")
            user.name = "a1"
            try await requireConflict(.userName, store, .replaceUser(user))
        },
        clause("a taken id or key prefix is refused") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            try await store.commit(.createAuthKey(.fixture(1)), .createAPIKey(.fixture(1)))
            try await requireConflict(.identifier, store, .createUser(.fixture(1, name: "other")))
            var sameID = Node.fixture(9)
            sameID.id = .fixture(1)
            try await requireConflict(.identifier, store, .createNode(sameID))
            try await requireConflict(.identifier, store, .createAuthKey(.fixture(1)))
            try await requireConflict(.identifier, store, .createAPIKey(.fixture(1)))
            var authKey = AuthKey.fixture(2)
            authKey.prefix = "prefix1"
            try await requireConflict(.identifier, store, .createAuthKey(authKey))
            var apiKey = APIKey.fixture(2)
            apiKey.prefix = "prefix1"
            try await requireConflict(.identifier, store, .createAPIKey(apiKey))
            var node = Node.fixture(2)
            node.stableID = "n1"
            try await requireConflict(.identifier, store, .createNode(node))
        },
        clause("a taken node key, address or given name is refused") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)), .createNode(.fixture(2)))
            let cases: [(StorageError.Conflict, @Sendable (inout Node) -> Void)] = [
                (.nodeKey, { $0.nodeKey = .fixture(1) }),
                (.address, { $0.ipv4 = Node.fixture(1).ipv4 }),
                (.address, { $0.ipv6 = Node.fixture(1).ipv6 }),
                (.givenName, { $0.givenName = "host1" }),
                (.machineKey, { $0.machineKey = .fixture(1) }),
            ]
            let second = try requireSome(try await store.node(.fixture(2), tailnet: .default), "the second node")
            for (conflict, change) in cases {
                var third = Node.fixture(3)
                change(&third)
                try await requireConflict(conflict, store, .createNode(third))
                var changed = second
                change(&changed)
                try await requireConflict(conflict, store, .replaceNode(changed))
            }
        },
        clause("nodes without an address do not clash") { store in
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...2 {
                var node = Node.fixture(number)
                (node.ipv4, node.ipv6) = (nil, nil)
                try await store.commit(.createNode(node))
            }
        },
        clause("a machine key has one node a user, and one with tags") { store in
            try await store.commit(.createUser(.fixture(1)), .createUser(.fixture(2)))
            var second = Node.fixture(2, user: .fixture(2))
            var tagged = Node.fixture(3, tags: ["tag:a"])
            var taggedToo = Node.fixture(4, tags: ["tag:b"])
            (second.machineKey, tagged.machineKey, taggedToo.machineKey) = (.fixture(1), .fixture(1), .fixture(1))
            try await store.commit(.createNode(.fixture(1)), .createNode(second), .createNode(tagged))
            try await requireConflict(.machineKey, store, .createNode(taggedToo))
        },
        clause("a row that is gone or has moved on is stale") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            try await store.commit(.createAuthKey(.fixture(1)), .createAPIKey(.fixture(1)))
            var (user, node, authKey, apiKey) = (
                User.fixture(1), Node.fixture(1), AuthKey.fixture(1), APIKey.fixture(1)
            )
            (user.version, node.version, authKey.version, apiKey.version) = (9, 9, 9, 9)
            try await requireConflict(.stale, store, .replaceUser(user))
            try await requireConflict(.stale, store, .replaceNode(node))
            try await requireConflict(.stale, store, .replaceAuthKey(authKey))
            try await requireConflict(.stale, store, .replaceAPIKey(apiKey))
            try await requireConflict(.stale, store, .replaceUser(.fixture(8)))
            try await requireConflict(.stale, store, .replaceNode(.fixture(8)))
            try await requireConflict(.stale, store, .deleteUser(.fixture(8)))
            try await requireConflict(.stale, store, .deleteNode(.fixture(8)))
            try await requireConflict(.stale, store, .deleteAuthKey(.fixture(8)))
            try await requireConflict(.stale, store, .deleteAPIKey(.fixture(8)))
            try await requireConflict(.stale, store, .consumeAuthKey(.fixture(8)))
        },
        clause("a user who owns nodes stays") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            try await requireConflict(.userHasNodes, store, .deleteUser(.fixture(1)))
            try await store.commit(.deleteNode(.fixture(1)))
            try await store.commit(.deleteUser(.fixture(1)))
        },
        clause("a user or auth key that is not there cannot be referred to") { store in
            try await store.commit(.createUser(.fixture(1)))
            try await requireConflict(.missingReference, store, .createNode(.fixture(1, user: .fixture(9))))
            try await requireConflict(.missingReference, store, .createNode(.fixture(1, authKey: .fixture(9))))
            try await requireConflict(.missingReference, store, .createAuthKey(.fixture(1, user: .fixture(9))))
        },
    ]
}
