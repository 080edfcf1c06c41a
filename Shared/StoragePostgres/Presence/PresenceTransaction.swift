import ControlModel
import Foundation
import Storage

/// What a report, or the end of a lease or a grace, makes of presence: each a transaction under the tailnet's lock.
struct PresenceTransaction {
    let tailnet: TailnetID
    let turn: Turn

    private var presence: PresenceTable { PresenceTable(tailnet: tailnet) }
    private var nodes: NodeTable { NodeTable(tailnet: tailnet) }

    func take(_ report: PresenceReport) throws -> PresenceReceipt {
        let (gateway, connected) = (report.gateway, Set(report.connected))
        let named = connected.union(report.disconnected)
        let reads = [
            presence.selectBeat(of: gateway), presence.countGateways(),
            report.isComplete
                ? presence.selectHeld(by: gateway) : presence.selectHeld(by: gateway, among: named),
            nodes.selectOffline(among: connected),
        ]
        return try transaction(reads) { state, answers in
            let known = try presence.number(answers[0])
            if let known, let sequence = report.sequence, sequence <= known { return .nothing(.outdated) }
            if known == nil, try presence.number(answers[1]) ?? 0 >= PresenceSurvey.gatewayLimit {
                return .nothing(.tooManyGateways)
            }
            let held = try presence.nodes(answers[2])
            let wanted = report.isComplete ? connected : connected.subtracting(report.disconnected)
            let (added, removed) = (wanted.subtracting(held), held.subtracting(wanted))
            // A complete report also brings those back that somebody else set offline.
            let arriving = try answers[3].all("node", nodes.decode).filter {
                report.isComplete ? wanted.contains($0.id) : added.contains($0.id)
            }
            var plan = plan(state, arriving)
            let changes = try plan.set(arriving.map { ($0.id, NodeStatus(isOnline: true, lastSeen: report.date)) })
            let beat = report.sequence ?? (known ?? 0) + 1
            let isGap = known.map { known in report.sequence.map { $0 > known + 1 } ?? false } ?? true
            return try plan.decision(
                .taken(changes: changes, wantsComplete: isGap && !report.isComplete),
                after: [presence.write(beat, of: gateway)]
                    + (added.isEmpty ? [] : presence.hold(added, at: gateway))
                    + (removed.isEmpty ? [] : presence.letGo(removed, at: gateway)),
                otherwise: .beat(beat, gateway: gateway)
            )
        }
    }

    func endLease(of gateway: String, beat: Int64, lastSeen: Date) throws -> [RegistryChange] {
        let reads = [presence.selectBeat(of: gateway), nodes.selectHeldOnly(by: gateway)]
        return try transaction(reads) { state, answers in
            guard try presence.number(answers[0]) == beat else { return .nothing([]) }
            let leaving = try answers[1].all("node", nodes.decode)
            var plan = plan(state, leaving)
            let changes = try plan.set(leaving.map { ($0.id, NodeStatus(isOnline: false, lastSeen: lastSeen)) })
            return try plan.decision(changes, after: [presence.delete(gateway)])
        }
    }

    func endGrace(_ departures: [Departure]) throws -> [RegistryChange] {
        let ids = departures.map(\.node)
        return try transaction([presence.selectMarks(of: ids), nodes.select(ids: ids)]) { state, answers in
            var marks = try presence.marks(answers[0])
            let ended = departures.sorted { $0.node < $1.node }.filter { departure in
                guard marks[departure.node] == departure.mark else { return false }
                marks[departure.node] = nil
                return true
            }
            guard !ended.isEmpty else { return .nothing([]) }
            var plan = plan(state, try answers[1].all("node", nodes.decode))
            let changes = try plan.set(ended.map { ($0.node, NodeStatus(isOnline: false, lastSeen: $0.lastSeen)) })
            return try plan.decision(changes, after: [presence.deleteMarks(of: ended.map(\.node))])
        }
    }

    private func transaction<Answer: Sendable>(
        _ reads: [Statement],
        _ decide: @escaping TailnetTransaction<Answer>.Decide
    ) throws -> Answer {
        try TailnetTransaction(tailnet: tailnet, turn: turn, reads: reads, decide: decide).run()
    }

    private func plan(_ state: TailnetState, _ nodes: [Node]) -> CommitPlan {
        var image = TailnetImage.empty
        for node in nodes { image.nodes[node.id] = .success(node) }
        image.settle()
        return CommitPlan(tailnet: tailnet, state: state, image: image)
    }
}

extension TailnetDecision {
    /// Nothing is to be written.
    fileprivate static func nothing(_ answer: Answer) -> Self {
        TailnetDecision(statements: [], proof: .repetition, answer: answer)
    }
}

extension CommitPlan {
    /// Applies statuses to nodes of the image and returns the changes.
    fileprivate mutating func set(_ statuses: [(NodeID, NodeStatus)]) throws -> [RegistryChange] {
        add(statuses.map { .updateNodeStatus($0.0, $0.1) })
        return try outcomes.last?.get() ?? []
    }
}
