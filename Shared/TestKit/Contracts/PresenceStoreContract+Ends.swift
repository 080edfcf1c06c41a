import ControlModel
import Foundation
import Storage

extension PresenceStoreContract {
    static let endClauses = [
        clause("a grace ends once, and not for a mark that is another one by now") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try await store.report("g", disconnected: [.fixture(1)])
            let old = try await store.mark(of: .fixture(1))
            try await store.report("g", connected: [.fixture(1)])
            try require(try await store.endGrace(.fixture(1), mark: old), is: [], "end while it is held")
            try await store.report("g", disconnected: [.fixture(1)])
            try require(try await store.endGrace(.fixture(1), mark: old), is: [], "end with the old mark")
            try require(try await store.online(), is: [1])
            let mark = try await store.mark(of: .fixture(1))
            let changes = try await store.endGrace(.fixture(1), mark: mark)
            try require(try changes.presences, is: ["1 off 100"])
            try require(try await store.endGrace(.fixture(1), mark: mark), is: [], "end once more")
            try require(try await store.survey().leaving, is: [:])
            let again = try await store.report("g", connected: [.fixture(1)])
            try require(try again.presences, is: ["1 on 0"])
        },
        clause("the graces of several nodes end in one step, each for itself") { store in
            let nodes = (Int64(1)...3).map { NodeID.fixture($0) }
            try await store.report("g", connected: nodes, isComplete: true)
            try await store.report("g", isComplete: true)
            let marks = try await store.survey().leaving
            let departures = nodes.reversed().map { node in
                let mark = marks[node] ?? 0
                return Departure(node: node, mark: node == .fixture(2) ? mark + 1000 : mark, lastSeen: .left)
            }
            let changes = try await store.endGrace(departures, tailnet: .default)
            try require(try changes.presences, is: ["1 off 100", "3 off 100"])
            try require(changes.map(\.version), is: [8, 9])
            try require(try await store.endGrace([], tailnet: .default), is: [])
        },
        clause("a lease ends once, and not for a beat that has grown") { store in
            try await store.report("g", connected: [.fixture(1), .fixture(2)], isComplete: true)
            try await store.report("h", connected: [.fixture(2), .fixture(3)], isComplete: true)
            let old = try await store.beat(of: "g")
            try await store.report("g")
            try require(try await store.endLease("g", beat: old), is: [], "end with the old beat")
            let beat = try await store.beat(of: "g")
            let changes = try await store.endLease("g", beat: beat)
            try require(try changes.presences, is: ["1 off 100"])
            try require(try await store.endLease("g", beat: beat), is: [], "end once more")
            try require(Array(try await store.survey().gateways.keys), is: ["h"])
            try require(try await store.online(), is: [2, 3])
            try await store.report("h", disconnected: [.fixture(2)])
            _ = try await store.mark(of: .fixture(2))
        },
        clause("a node that left before its gateway's lease ends keeps its mark") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try await store.report("g", disconnected: [.fixture(1)])
            let mark = try await store.mark(of: .fixture(1))
            try require(try await store.endLease("g", beat: try await store.beat(of: "g")), is: [])
            try require(try await store.mark(of: .fixture(1)), is: mark)
        },
        clause("a gateway that reports after its lease is asked for all") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            _ = try await store.endLease("g", beat: try await store.beat(of: "g"))
            try await store.report("g", wantsComplete: true)
            let changes = try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try require(try changes.presences, is: ["1 on 0"])
        },
        clause("a node that is deleted and one that never was do not go offline") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try await store.report("g", isComplete: true)
            let mark = try await store.mark(of: .fixture(1))
            try await store.commit(.deleteNode(.fixture(1)))
            try require(try await store.endGrace(.fixture(1), mark: mark), is: [])
            try require(try await store.endGrace(.fixture(99), mark: mark), is: [])
            try require(try await store.endLease("nobody", beat: 1), is: [])
        },
        ContractClause<Open>("presence is there after a restart, and marks do not come again") { open in
            let store = try await open()
            try await store.commit(.createUser(.fixture(1)), .createNode(.fixture(1)), .createNode(.fixture(2)))
            try await store.report("g", connected: [.fixture(1), .fixture(2)], isComplete: true)
            try await store.report("g", disconnected: [.fixture(2)])
            let mark = try await store.mark(of: .fixture(2))
            let again = try await open()
            try require(try await again.survey(), is: try await store.survey())
            _ = try await again.endGrace(.fixture(2), mark: mark)
            try await again.report("g", connected: [.fixture(2)])
            try await again.report("g", disconnected: [.fixture(2)])
            try require(try await again.mark(of: .fixture(2)) != mark, "the mark came again")
            try require(try await again.online(), is: [1, 2])
        },
        clause("idle ephemeral nodes are told longest away first, up to a moment and a number") { store in
            for number in Int64(10)...15 {
                var node = Node.fixture(number)
                (node.isEphemeral, node.lastSeen) = (true, .fixture.addingTimeInterval(-Double(number)))
                switch number {
                case 12: node.isEphemeral = false
                case 13: node.isOnline = true
                case 14: (node.lastSeen, node.createdAt) = (nil, .fixture.addingTimeInterval(-10.5))
                default: break
                }
                try await store.commit(.createNode(node))
            }
            let idle = { (seconds: Double, limit: Int) in
                try await store.idleEphemerals(
                    lastSeenBy: .fixture.addingTimeInterval(seconds),
                    limit: limit,
                    tailnet: .default
                ).map(\.id.rawValue)
            }
            try require(try await idle(0, 10), is: [15, 11, 14, 10])
            try require(try await idle(0, 2), is: [15, 11])
            try require(try await idle(-11, 10), is: [15, 11])
            try require(try await idle(-11.5, 10), is: [15])
            let node = try await store.idleEphemerals(lastSeenBy: .fixture, limit: 1, tailnet: .default).first
            try require(node, is: try await store.node(.fixture(15), tailnet: .default))
        },
    ]
}
