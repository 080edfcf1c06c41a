import ControlModel
import Foundation
import Storage

extension PresenceStoreContract {
    static let reportClauses = [
        clause("a node goes online when a gateway holds it, once; a report that changes nothing writes the beat") {
            store in
            let changes = try await store.report("g", connected: [.fixture(2), .fixture(1)], wantsComplete: true)
            try require(try changes.presences, is: ["1 on 0", "2 on 0"])
            try require(changes.map(\.version), is: [5, 6])
            try require(try node(changes[1]), is: try await store.node(.fixture(2), tailnet: .default))
            let beat = try await store.beat(of: "g")
            for report in [[], [NodeID.fixture(1)]] {
                try require(try await store.report("g", connected: report), is: [])
            }
            try require(try await store.report("g", connected: [.fixture(1), .fixture(2)], isComplete: true), is: [])
            try require(try await store.survey(), is: PresenceSurvey(gateways: ["g": beat + 3]))
            try require(try await store.version(of: .default), is: 6, "version")
        },
        clause("an unknown gateway is asked for all that it holds, unless it told all") { store in
            try await store.report("g", connected: [.fixture(1)], wantsComplete: true)
            try await store.report("g")
            try await store.report("h", connected: [.fixture(2)], isComplete: true)
            try require(try await store.online(), is: [1, 2])
        },
        clause("a node that is let go stays online with a mark, which a return takes away") { store in
            try await store.report("g", connected: [.fixture(1), .fixture(2)], isComplete: true)
            try require(try await store.report("g", disconnected: [.fixture(1)]), is: [])
            let mark = try await store.mark(of: .fixture(1))
            try await store.report("g", disconnected: [.fixture(1)])
            try require(try await store.mark(of: .fixture(1)), is: mark, "mark of a node that was let go already")
            try require(try await store.report("g", connected: [.fixture(1)]), is: [])
            try require(try await store.survey().leaving, is: [:])
            try await store.report("g", disconnected: [.fixture(1)])
            try require(try await store.mark(of: .fixture(1)) != mark, "the mark is the same")
            try require(try await store.online(), is: [1, 2])
        },
        clause("a node that another gateway holds has no mark") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try require(try await store.report("h", connected: [.fixture(1)], isComplete: true), is: [])
            try await store.report("g", disconnected: [.fixture(1)])
            try require(try await store.survey().leaving, is: [:])
            try await store.report("h", disconnected: [.fixture(1)])
            _ = try await store.mark(of: .fixture(1))
        },
        clause("a complete report replaces what a gateway held") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            let changes = try await store.report("g", connected: [.fixture(2), .fixture(3)], isComplete: true)
            try require(try changes.presences, is: ["2 on 0", "3 on 0"])
            try require(Array(try await store.survey().leaving.keys), is: [.fixture(1)])
            try await store.report("g", isComplete: true)
            try require(try await store.survey().leaving.keys.sorted(), is: [.fixture(1), .fixture(2), .fixture(3)])
        },
        clause("a node in both lists is let go; one that is not known to be held is passed over") { store in
            try await store.report("g", connected: [.fixture(1)], disconnected: [.fixture(1)], wantsComplete: true)
            try require(try await store.report("g", disconnected: [.fixture(2)]), is: [])
            try require(try await store.online(), is: [])
            try require(try await store.survey().leaving, is: [:])
        },
        clause("nodes that do not exist are passed over; those that are deleted leave nothing") { store in
            let changes = try await store.report(
                "g",
                connected: [.fixture(99), .fixture(1), .fixture(1), .fixture(2)],
                disconnected: [.fixture(98)],
                wantsComplete: true
            )
            try require(try changes.presences, is: ["1 on 0", "2 on 0"])
            try await store.report("g", disconnected: [.fixture(1)])
            try await store.commit(.deleteNode(.fixture(1)), .deleteNode(.fixture(2)))
            try require(try await store.survey().leaving, is: [:])
            try require(try await store.endLease("g", beat: try await store.beat(of: "g")), is: [])
        },
        clause("a node that was set offline by somebody else goes online with a complete report") { store in
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try await store.commit(.updateNodeStatus(.fixture(1), NodeStatus(isOnline: false)))
            let changes = try await store.report("g", connected: [.fixture(1)], isComplete: true)
            try require(try changes.presences, is: ["1 on 0"])
        },
        clause("a number that came before is outdated; one that was skipped asks for all") { store in
            var report = PresenceReport(gateway: "g", connected: [.fixture(1)], isComplete: true, date: .fixture)
            report.sequence = 5
            guard case .taken(_, false) = try await store.takePresence(report, tailnet: .default) else {
                throw ContractViolation(description: "the first report was not taken")
            }
            for sequence in Int64(4)...5 {
                report = PresenceReport(gateway: "g", sequence: sequence, isComplete: true, date: .fixture)
                try require(try await store.takePresence(report, tailnet: .default), is: .outdated)
            }
            try require(try await store.survey(), is: PresenceSurvey(gateways: ["g": 5]))
            for (sequence, wantsComplete) in [(Int64(6), false), (8, true), (9, false)] {
                report = PresenceReport(gateway: "g", sequence: sequence, date: .fixture)
                let receipt = try await store.takePresence(report, tailnet: .default)
                try require(receipt, is: .taken(changes: [], wantsComplete: wantsComplete), "\(sequence)")
            }
            try require(try await store.beat(of: "g"), is: 9)
        },
        clause("gateways beyond the limit are not taken, until one is forgotten") { store in
            for number in 1...PresenceSurvey.gatewayLimit { try await store.report("g\(number)", isComplete: true) }
            let report = PresenceReport(gateway: "h", connected: [.fixture(1)], isComplete: true, date: .fixture)
            try require(try await store.takePresence(report, tailnet: .default), is: .tooManyGateways)
            try require(try await store.survey().gateways["h"], is: nil)
            try require(try await store.online(), is: [])
            try await store.report("g1", isComplete: true)
            _ = try await store.endLease("g1", beat: 2)
            try await store.report("h", connected: [.fixture(1)], isComplete: true)
            try require(try await store.online(), is: [1])
        },
        clause("presence of another tailnet is its own") { store in
            let other = try requireSome(TailnetID("other"), "a tailnet")
            try await store.report("g", connected: [.fixture(1)], isComplete: true)
            let report = PresenceReport(gateway: "g", connected: [.fixture(1)], isComplete: true, date: .fixture)
            let receipt = try await store.takePresence(report, tailnet: other)
            try require(receipt, is: .taken(changes: [], wantsComplete: false))
            try await store.report("g")
            try require(try await store.presence(of: other), is: PresenceSurvey(gateways: ["g": 1]))
            let changes = try await store.endLease(of: "g", beat: 1, lastSeen: .left, tailnet: other)
            try require(changes, is: [])
            try require(try await store.online(), is: [1])
        },
    ]

    private static func node(_ change: RegistryChange?) throws -> Node { try RegistryStoreContract.node(change) }
}
