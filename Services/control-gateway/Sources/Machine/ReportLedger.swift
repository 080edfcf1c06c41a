import ControlModel
import Synchronization

/// What nodes have reported and the copy of the registry does not show yet.
///
/// Reports are written behind. Until then a row does not tell what is news: a report that goes back to what the row still says
/// must reach the registry too, or the one before it would stay.
final class ReportLedger: Sendable {
    /// Nodes remembered; beyond it all are forgotten, and a report that goes back at once may be lost.
    static let limit = 65_536

    private let reports = Mutex<[NodeID: NodeStatus]>([:])

    /// The node as it will be once its reports are written; `nil` where the row says so already.
    func expected(_ node: Node) -> Node? {
        reports.withLock { reports in
            guard let report = reports[node.id] else { return nil }
            let expected = report.applied(to: node)
            if expected != node { return expected }
            reports[node.id] = nil
            return nil
        }
    }

    func add(_ report: NodeStatus, of node: NodeID) {
        reports.withLock { reports in
            if reports.count >= Self.limit, reports[node] == nil { reports = [:] }
            reports[node] = reports[node]?.merged(with: report) ?? report
        }
    }
}
