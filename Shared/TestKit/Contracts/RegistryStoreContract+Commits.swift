import ControlModel
import IPAddresses
import Storage

extension RegistryStoreContract {
    static let commitClauses = [
        clause("a batch whose last write fails leaves nothing") { store in
            try await store.commit(.createUser(.fixture(1, name: "taken")))
            let before = try await store.allocations(of: .default)
            try await requireConflict(
                .userName,
                store,
                .createUser(.fixture(2)),
                .createNode(.fixture(1, user: .fixture(2))),
                .createUser(.fixture(3, name: "taken"))
            )
            try require(try await store.users(tailnet: .default).count, is: 1, "users")
            try require(try await store.nodes(after: nil, limit: 10, tailnet: .default), is: [])
            try require(try await store.allocations(of: .default), is: before)
            try require(try await store.changes(since: 0, tailnet: .default, limit: 10)?.count, is: 1, "changes")
        },
        clause("changes come in the order of the writes with contiguous versions, which the rows carry") { store in
            let changes = try await store.commit(
                .createUser(.fixture(1)),
                .createNode(.fixture(1)),
                .createAPIKey(.fixture(1)),
                .deleteNode(.fixture(1))
            )
            try require(changes.map(\.version), is: [1, 2, 3, 4])
            try require(try node(changes[1]).version, is: 2)
            try require(changes[2].subject, is: .apiKey(.fixture(1)))
            try require(changes[3].subject, is: .nodeRemoved(.fixture(1)))
            try require(try await store.version(of: .default), is: 4)
        },
        clause("a hundred commits at once get contiguous versions, none twice") { store in
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...50 { try await store.commit(.createNode(.fixture(number))) }
            let versions = try await withThrowingTaskGroup { group in
                for number in Int64(0)..<100 {
                    let report = NodeStatus(homeDERP: Int(number) + 1)
                    group.addTask {
                        try await store.commit(.updateNodeStatus(.fixture(number / 2 + 1), report)).map(\.version)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try require(versions.sorted(), is: Array(52...151))
        },
        clause("one conflict among commits at once undoes that one alone") { store in
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...60 { try await store.commit(.createNode(.fixture(number))) }
            let failures = await withTaskGroup { group in
                for number in Int64(1)...60 {
                    group.addTask {
                        let report = RegistryWrite.updateNodeStatus(.fixture(number), NodeStatus(homeDERP: 900))
                        let writes = number.isMultiple(of: 3) ? [report, .deleteUser(.fixture(99))] : [report]
                        return (try? await store.commit(writes, tailnet: .default)) == nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try require(failures, is: 20, "failures")
            let nodes = try await store.nodes(after: nil, limit: 100, tailnet: .default)
            try require(nodes.count { $0.homeDERP == 900 }, is: 40, "nodes that changed")
            try require(try await store.version(of: .default), is: 61 + 40)
        },
        clause("writes that change nothing make no change") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            try await store.commit(.createAuthKey(.fixture(1)), .createAPIKey(.fixture(1)))
            let user = try requireSome(try await store.user(.fixture(1), tailnet: .default), "user")
            let node = try requireSome(try await store.node(.fixture(1), tailnet: .default), "node")
            let authKey = try requireSome(try await store.authKey(.fixture(1), tailnet: .default), "auth key")
            let apiKey = try requireSome(try await store.apiKey(.fixture(1), tailnet: .default), "API key")
            let changes = try await store.commit(
                .replaceUser(user),
                .replaceNode(node),
                .replaceAuthKey(authKey),
                .replaceAPIKey(apiKey),
                .updateNodeStatus(.fixture(1), NodeStatus(hostinfo: node.hostinfo, endpoints: [], isOnline: false))
            )
            try require(changes, is: [])
            try require(try await store.commit([], tailnet: .default), is: [])
            try require(try await store.version(of: .default), is: 4)
        },
        clause("a commit of a cancelled task writes nothing") { store in
            await withDiscardingTaskGroup { group in
                group.cancelAll()
                group.addTask { _ = try? await store.commit(.createUser(.fixture(1))) }
            }
            try require(try await store.users(tailnet: .default), is: [])
        },
        clause("the database answers") { store in try await store.ping() },
    ]

    static let changeClauses = [
        clause("changes since a version are told oldest first, as the rows are now") { store in
            try require(try await store.changes(since: 0, tailnet: .default, limit: 10), is: [])
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)), .createNode(.fixture(2)))
            try await store.commit(.updateNodeStatus(.fixture(1), NodeStatus(homeDERP: 7)), .deleteNode(.fixture(2)))
            let changes = try requireSome(
                try await store.changes(since: 1, tailnet: .default, limit: 10),
                "the log"
            )
            try require(changes.map(\.version), is: [2, 3, 4, 5])
            try require(try node(changes[0]).homeDERP, is: 7)
            try require(changes[1].subject, is: .nodeRemoved(.fixture(2)))
            let part = try await store.changes(since: 1, tailnet: .default, limit: 2)
            try require(part?.map(\.version), is: [2, 3])
            try require(try await store.changes(since: 5, tailnet: .default, limit: 10), is: [])
        },
        clause("a version that the log does not reach back to, or never was, asks for a snapshot") { store in
            for number in Int64(1)...5 { try await store.commit(.createAPIKey(.fixture(number))) }
            try await store.trimChanges(through: 3, tailnet: .default)
            try require(try await store.changes(since: 2, tailnet: .default, limit: 10), is: nil)
            try require(try await store.changes(since: 3, tailnet: .default, limit: 10)?.count, is: 2)
            try require(try await store.changes(since: 6, tailnet: .default, limit: 10), is: nil)
            try await store.trimChanges(through: 1, tailnet: .default)
            try require(try await store.changes(since: 1, tailnet: .default, limit: 10), is: nil)
            try await store.trimChanges(through: 99, tailnet: .default)
            try require(try await store.changes(since: 5, tailnet: .default, limit: 10), is: [])
            try await store.commit(.createAPIKey(.fixture(6)))
            try require(try await store.changes(since: 5, tailnet: .default, limit: 10)?.count, is: 1)
        },
    ]

    static let allocationClauses = [
        clause("what was given out is told; a deleted row's id does not come again") { store in
            try require(try await store.allocations(of: .default), is: Allocations())
            try await store.commit(.createUser(.fixture(1)), .createUser(.fixture(2)), .createNode(.fixture(4)))
            try await store.commit(.createAuthKey(.fixture(1)), .createAPIKey(.fixture(1)))
            try await store.commit(.deleteUser(.fixture(2)), .deleteAuthKey(.fixture(1)), .deleteAPIKey(.fixture(1)))
            let used = Set(Node.fixture(4).addresses.map(\.address))
            try require(
                try await store.allocations(of: .default),
                is: Allocations(nextUserID: 3, nextNodeID: 5, nextAuthKeyID: 2, nextAPIKeyID: 2, used: used)
            )
        },
        clause("ids taken in another order than that of the commits are fine") { store in
            try await store.commit(.createUser(.fixture(2)), .createUser(.fixture(1)))
            try require(try await store.allocations(of: .default).nextUserID, is: 3)
        },
        clause("ids that are claimed come once, whoever asks, and none that a row has") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(4)))
            let claims = try await withThrowingTaskGroup { group in
                for _ in 1...20 {
                    group.addTask { try await store.claimIDs(.node, count: 3, tailnet: .default) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try require(claims.sorted(), is: Array(stride(from: 5, through: 62, by: 3)))
            for kind in IdentifierKind.allCases {
                let first = try await store.claimIDs(kind, count: 1, tailnet: .default)
                let second = try await store.claimIDs(kind, count: 1, tailnet: .default)
                try require(second, is: first + 1, "\(kind)")
            }
            try await store.commit(.createNode(.fixture(5)))
            try require(try await store.allocations(of: .default).nextNodeID, is: 67)
            try require(try await store.version(of: .default), is: 3, "version")
        },
        clause("released addresses are told longest free first, until they are used again") { store in
            try await store.commit(.createUser(.fixture(1)))
            for number in Int64(1)...3 { try await store.commit(.createNode(.fixture(number))) }
            for number in [Int64(2), 3, 1] { try await store.commit(.deleteNode(.fixture(number))) }
            let order = [2, 3, 1].flatMap { Node.fixture(Int64($0)).addresses.map(\.address) }
            try require(try await store.allocations(of: .default).released, is: order)
            var fourth = Node.fixture(4)
            fourth.ipv4 = Node.fixture(2).ipv4
            try await store.commit(.createNode(fourth))
            try require(try await store.allocations(of: .default).released, is: Array(order.dropFirst()))
        },
        clause("an address that a node gives up is released") { store in
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)))
            var node = try requireSome(try await store.node(.fixture(1), tailnet: .default), "node")
            node.ipv4 = nil
            try await store.commit(.replaceNode(node))
            let allocations = try await store.allocations(of: .default)
            try require(allocations.released, is: Node.fixture(1).addresses.prefix(1).map(\.address))
            try require(allocations.used, is: Set(Node.fixture(1).addresses.suffix(1).map(\.address)))
        },
        ContractClause<Open>("all is there after a restart") { open in
            let store = try await open()
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)), .createNode(.fixture(2)))
            try await store.commit(.createAuthKey(.fixture(1)), .deleteNode(.fixture(2)))
            try await store.trimChanges(through: 2, tailnet: .default)
            let again = try await open()
            try require(
                try await again.node(.fixture(1), tailnet: .default),
                is: try await store.node(.fixture(1), tailnet: .default)
            )
            try require(try await again.version(of: .default), is: 5)
            try require(try await again.allocations(of: .default), is: try await store.allocations(of: .default))
            try require(try await again.changes(since: 1, tailnet: .default, limit: 9), is: nil)
            try require(try await again.changes(since: 2, tailnet: .default, limit: 9)?.count, is: 3)
        },
    ]
}
