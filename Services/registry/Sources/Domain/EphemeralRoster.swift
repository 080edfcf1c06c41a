import ControlModel
import Foundation

/// Ephemeral nodes that are offline, and since when.
///
/// A node that was never connected is not in it: its time runs from its first contact.
struct EphemeralRoster: Sendable {
    private var offlineSince: [NodeID: Date] = [:]

    mutating func note(_ change: RegistryChange) {
        switch change.subject {
        case .node(let node): note(node)
        case .nodeRemoved(let id): offlineSince[id] = nil
        case .user, .userRemoved, .authKey, .apiKey: break
        }
    }

    mutating func note(_ node: Node) {
        offlineSince[node.id] = Self.isIdle(node) ? node.lastSeen : nil
    }

    /// Who has been away for `timeout`, by id.
    func due(at now: Date, timeout: Duration) -> [NodeID] {
        offlineSince.filter { Self.isOver($0.value, at: now, timeout: timeout) }.keys.sorted()
    }

    /// Whether this node, as it is now, has been away for `timeout`.
    static func isDue(_ node: Node, at now: Date, timeout: Duration) -> Bool {
        guard isIdle(node), let lastSeen = node.lastSeen else { return false }
        return isOver(lastSeen, at: now, timeout: timeout)
    }

    private static func isIdle(_ node: Node) -> Bool { node.isEphemeral && !node.isOnline }

    private static func isOver(_ since: Date, at now: Date, timeout: Duration) -> Bool {
        since.addingTimeInterval(timeout / .seconds(1)) <= now
    }
}
