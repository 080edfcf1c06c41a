import ControlModel
import Foundation
import Storage

extension RegistryStoreContract {
    static let keyClauses = [
        clause("an auth key keeps every field and is found by id and prefix") { store in
            try await store.commit(.createUser(.fixture(1)))
            var key = AuthKey.fixture(1, tags: ["tag:a", "tag:b"], isReusable: true)
            key.isEphemeral = true
            key.isPreapproved = true
            try await store.commit(.createAuthKey(key))
            key.version = 2
            try require(try await store.authKey(.fixture(1), tailnet: .default), is: key)
            try require(try await store.authKey(withPrefix: "prefix1", tailnet: .default), is: key)
            try require(try await store.authKey(withPrefix: "prefix2", tailnet: .default), is: nil)
            key.expiry = .fixture
            try await store.commit(.replaceAuthKey(key))
            key.version = 3
            try require(try await store.authKeys(tailnet: .default), is: [key])
            try await store.commit(.deleteAuthKey(.fixture(1)))
            try require(try await store.authKey(.fixture(1), tailnet: .default), is: nil)
        },
        clause("a single-use key is consumed once") { store in
            try await store.commit(.createUser(.fixture(1)), .createAuthKey(.fixture(1)))
            let changes = try await store.commit(.consumeAuthKey(.fixture(1)))
            try require(changes.map(\.subject), is: [.authKey(.fixture(1))])
            try require(try await store.authKey(.fixture(1), tailnet: .default)?.isUsed, is: true)
            try await requireConflict(.authKeyUsed, store, .consumeAuthKey(.fixture(1)))
        },
        clause("consuming a reusable key changes nothing") { store in
            try await store.commit(.createUser(.fixture(1)), .createAuthKey(.fixture(1, isReusable: true)))
            for _ in 1...2 { try require(try await store.commit(.consumeAuthKey(.fixture(1))), is: []) }
        },
        clause("of many who consume a single-use key at once, one gets it") { store in
            try await store.commit(.createUser(.fixture(1)), .createAuthKey(.fixture(1)))
            let winners = await withTaskGroup { group in
                for number in Int64(1)...50 {
                    group.addTask {
                        let writes: [RegistryWrite] = [.consumeAuthKey(.fixture(1)), .createUser(.fixture(number + 1))]
                        return (try? await store.commit(writes, tailnet: .default)) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(winners, is: 1, "winners")
            try require(try await store.users(tailnet: .default).count, is: 2, "users")
        },
        clause("a node outlives its auth key") { store in
            try await store.commit(.createUser(.fixture(1)), .createAuthKey(.fixture(1)))
            try await store.commit(.createNode(.fixture(1, authKey: .fixture(1))))
            try await store.commit(.deleteAuthKey(.fixture(1)))
            var node = try requireSome(try await store.node(.fixture(1), tailnet: .default), "the node")
            node.hostname = "renamed"
            try require(try await store.commit(.replaceNode(node)).count, is: 1, "changes")
        },
        clause("an API key keeps every field and is found by id and prefix") { store in
            var key = APIKey.fixture(1)
            try await store.commit(.createAPIKey(key))
            key.version = 1
            try require(try await store.apiKey(.fixture(1), tailnet: .default), is: key)
            try require(try await store.apiKey(withPrefix: "prefix1", tailnet: .default), is: key)
            key.expiry = .fixture
            key.lastSeen = .fixture
            try await store.commit(.replaceAPIKey(key))
            key.version = 2
            try require(try await store.apiKeys(tailnet: .default), is: [key])
            try await store.commit(.deleteAPIKey(.fixture(1)))
            try require(try await store.apiKeys(tailnet: .default), is: [])
        },
        clause("touching an API key is no change") { store in
            try await store.commit(.createAPIKey(.fixture(1)))
            try await store.touchAPIKey(.fixture(1), lastSeen: .fixture, tailnet: .default)
            try require(try await store.apiKey(.fixture(1), tailnet: .default)?.lastSeen, is: .fixture)
            try require(try await store.version(of: .default), is: 1)
            try await store.touchAPIKey(.fixture(9), lastSeen: .fixture, tailnet: .default)
        },
        clause("the first server key of a name stays") { store in
            let first = try await store.serverKey("hash", orStore: Data([1]))
            try require(first, is: Data([1]))
            try require(try await store.serverKey("hash", orStore: Data([2])), is: Data([1]))
            try require(try await store.serverKey("other", orStore: Data([3])), is: Data([3]))
        },
        clause("server keys are replaced all or none, and only what is expected") { store in
            try require(try await store.serverKeys(), is: [:])
            for (name, secret) in [("a", Data([1])), ("b", Data([2]))] {
                _ = try await store.serverKey(name, orStore: secret)
            }
            let stale = [
                ServerKeyReplacement(name: "a", expected: Data([1]), replacement: Data([3])),
                ServerKeyReplacement(name: "b", expected: Data([9]), replacement: Data([4])),
            ]
            do {
                try await store.replaceServerKeys(stale)
                throw ContractViolation(description: "a key that is not what was expected was replaced")
            } catch StorageError.conflict(let conflict) {
                try require(conflict, is: .stale)
            }
            try require(try await store.serverKeys(), is: ["a": Data([1]), "b": Data([2])])
            try await store.replaceServerKeys([
                .init(name: "a", expected: Data([1]), replacement: Data([3])),
                .init(name: "b", expected: Data([2]), replacement: Data([4])),
            ])
            try require(try await store.serverKeys(), is: ["a": Data([3]), "b": Data([4])])
            try require(try await store.serverKey("a", orStore: Data([5])), is: Data([3]))
        },
    ]
}
