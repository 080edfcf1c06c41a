import ControlModel
import Foundation
import Storage

extension PresenceStoreContract {
    private static let crowd = 2000

    static let crowdClauses = [
        clause("of many who end the same lease and grace at once, one makes the change") { store in
            try await store.report("g", connected: [.fixture(1), .fixture(2)], isComplete: true)
            try await store.report("g", disconnected: [.fixture(2)])
            let (beat, mark) = (try await store.beat(of: "g"), try await store.mark(of: .fixture(2)))
            let changes = try await withThrowingTaskGroup { group in
                for _ in 1...20 {
                    group.addTask { try await store.endLease("g", beat: beat) }
                    group.addTask { try await store.endGrace(.fixture(2), mark: mark) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try require(try changes.presences.sorted(), is: ["1 off 100", "2 off 100"])
            try require(try await store.version(of: .default), is: 8, "version")
        },
        clause("reports, ends and commits at once leave what the last reports say") { store in
            try await withThrowingTaskGroup { group in
                for gateway in ["g", "h", "i"] {
                    group.addTask {
                        for round in 1...30 {
                            let nodes: [NodeID] = round.isMultiple(of: 2) ? [.fixture(1), .fixture(2)] : [.fixture(3)]
                            try await store.report(gateway, connected: nodes, isComplete: true)
                        }
                    }
                    group.addTask {
                        for round in 1...30 {
                            let survey = try await store.survey()
                            for (node, mark) in survey.leaving { _ = try await store.endGrace(node, mark: mark) }
                            try await store.commit(.updateNodeStatus(.fixture(1), NodeStatus(homeDERP: round)))
                        }
                    }
                }
                try await group.waitForAll()
            }
            for (node, mark) in try await store.survey().leaving { _ = try await store.endGrace(node, mark: mark) }
            try require(try await store.online(), is: [1, 2])
            let version = try await store.version(of: .default)
            let changes = try await store.changes(since: 0, tailnet: .default, limit: 10_000)
            try require(changes?.map(\.version), is: Array(1...version), "versions")
        },
        clause("a crowd comes and goes in one report each") { store in
            let ids = (Int64(1)...Int64(crowd)).map { NodeID.fixture($0) }
            _ = try await store.commit(ids.dropFirst(3).map { .createNode(.fixture($0.rawValue)) }, tailnet: .default)
            let version = try await store.version(of: .default)
            let came = try await store.report("g", connected: ids.reversed(), wantsComplete: true)
            try require(came.map(\.version), is: Array(version + 1...version + Version(crowd)))
            try require(try came.map { try RegistryStoreContract.node($0).id }, is: ids)
            try require(try await store.report("g", connected: ids, isComplete: true), is: [])
            try require(try await store.report("g", disconnected: ids), is: [])
            try require(try await store.survey().leaving.count, is: crowd, "nodes that leave")
            try require(try await store.report("h", connected: ids, isComplete: true), is: [])
            let gone = try await store.endLease("h", beat: try await store.beat(of: "h"))
            try require(gone.count, is: crowd, "nodes that went offline")
        },
    ]
}
