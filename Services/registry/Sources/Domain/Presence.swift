import ControlModel

/// Who is online, from what gateways report.
///
/// A node is online while a gateway holds it, and for a grace period after the last one let go, so that a short reconnect is
/// not seen. A gateway that does not report for the length of its lease has let go of all. Time is a duration on a clock that
/// never goes back, given with each event.
struct Presence: Sendable {
    struct Limits: Sendable {
        var grace = Duration.seconds(10)
        var lease = Duration.seconds(30)
        /// Gateways known at once; reports of further ones are not taken.
        var gateways = 1024
    }

    enum Action: Hashable, Sendable {
        case online(NodeID)
        /// - `since`: when it was last held.
        case offline(NodeID, since: Duration)
    }

    private struct Gateway {
        var nodes: Set<NodeID> = []
        var lastReport: Duration
    }

    private let limits: Limits
    private var gateways: [String: Gateway] = [:]
    /// How many gateways hold a node.
    private var holders: [NodeID: Int] = [:]
    /// Online nodes that nobody holds, since when, and when that ends.
    private var leaving: [NodeID: (since: Duration, deadline: Duration)] = [:]

    /// - Parameter online: who was online when the last run ended; they have a lease and the grace to come back.
    init(limits: Limits, online: some Sequence<NodeID>, at now: Duration) {
        self.limits = limits
        for node in online { leaving[node] = (now, now + limits.lease + limits.grace) }
    }

    struct Outcome: Equatable {
        var wantsComplete: Bool
        var actions: [Action]
    }

    /// Takes a report; `nil` when there are too many gateways.
    mutating func report(
        gateway name: String,
        connected: [NodeID],
        disconnected: [NodeID],
        isComplete: Bool,
        at now: Duration
    ) -> Outcome? {
        let isKnown = gateways[name] != nil
        guard isKnown || gateways.count < limits.gateways else { return nil }
        var gateway = gateways[name] ?? Gateway(lastReport: now)
        gateway.lastReport = now
        let before = gateway.nodes
        let after = isComplete ? Set(connected) : before.union(connected).subtracting(disconnected)
        gateway.nodes = after
        gateways[name] = gateway
        for node in before.subtracting(after).sorted() { letGo(node, at: now) }
        let actions = after.subtracting(before).sorted().compactMap { hold($0) }
        return Outcome(wantsComplete: !isKnown && !isComplete, actions: actions)
    }

    /// Ends leases and grace periods that are over.
    mutating func tick(at now: Duration) -> [Action] {
        for (name, gateway) in gateways where gateway.lastReport + limits.lease <= now {
            gateways[name] = nil
            for node in gateway.nodes { letGo(node, at: gateway.lastReport) }
        }
        let gone = leaving.filter { $0.value.deadline <= now }.sorted { $0.key < $1.key }
        for (node, _) in gone { leaving[node] = nil }
        return gone.map { .offline($0.key, since: $0.value.since) }
    }

    private mutating func hold(_ node: NodeID) -> Action? {
        holders[node, default: 0] += 1
        guard holders[node] == 1 else { return nil }
        // Online already when it comes back within its grace.
        return leaving.removeValue(forKey: node) == nil ? .online(node) : nil
    }

    private mutating func letGo(_ node: NodeID, at now: Duration) {
        let left = (holders[node] ?? 1) - 1
        holders[node] = left == 0 ? nil : left
        if left == 0 { leaving[node] = (now, now + limits.grace) }
    }
}
