import ControlModel

/// Reports about nodes that are not written yet, merged by node, in the order in which the nodes came.
struct StatusBuffer: Sendable {
    /// Nodes in one write.
    static let batchSize = 500
    /// Nodes waiting at most; reports about further ones are refused.
    static let limit = 65_536

    private var order: [NodeID] = []
    private var reports: [NodeID: NodeStatus] = [:]

    /// Nodes with a report that waits.
    var count: Int { reports.count }
    var isEmpty: Bool { reports.isEmpty }
    /// Whether a whole batch waits.
    var isFull: Bool { reports.count >= Self.batchSize }

    /// Takes a report; `false` when there is no room for another node.
    mutating func add(_ status: NodeStatus, of node: NodeID) -> Bool {
        if let earlier = reports[node] {
            reports[node] = earlier.merged(with: status)
            return true
        }
        guard reports.count < Self.limit else { return false }
        order.append(node)
        reports[node] = status
        return true
    }

    /// Takes out what is to be written next, at most a batch.
    mutating func take() -> [(node: NodeID, status: NodeStatus)] {
        let nodes = order.prefix(Self.batchSize)
        order.removeFirst(nodes.count)
        return nodes.compactMap { node in reports.removeValue(forKey: node).map { (node, $0) } }
    }

    /// Puts back what could not be written, under what came since.
    mutating func putBack(_ batch: [(node: NodeID, status: NodeStatus)]) {
        for (node, status) in batch {
            if let later = reports[node] {
                reports[node] = status.merged(with: later)
            } else {
                reports[node] = status
                order.append(node)
            }
        }
    }
}
