import ControlModel
import Synchronization

/// What nodes have reported and the copy of the registry does not show yet.
///
/// Reports are written behind. Until then a row does not tell what is news: a report that goes back to what the row still says
/// must reach the registry too, or the one before it would stay. And a registry that ends before it wrote has forgotten what it
/// took: what does not show after a while is reported again.
final class ReportLedger: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Nodes remembered; beyond it all are forgotten, and a report that goes back at once may be lost.
    static let limit = 65_536
    /// How long a report may take to show before it is made again; twice as long each time, up to ``lastPatience``.
    static let patience = Duration.seconds(3)
    static let lastPatience = Duration.seconds(60)
    /// Reports made again at once.
    static let batch = 256

    private struct Entry {
        var report: NodeStatus
        /// What of it the registry has taken; the rest its node will say again, or is no longer there to say.
        var taken = NodeStatus()
        /// The row when the first of them was made.
        var before: Node
        var due: Instant
        var patience: Duration
    }

    private let entries = Mutex<[NodeID: Entry]>([:])

    /// The node as it will be once its reports are written; `nil` where the row says so already.
    func expected(_ node: Node) -> Node? {
        entries.withLock { entries in
            guard let entry = entries[node.id] else { return nil }
            let expected = entry.report.applied(to: node)
            if expected != node { return expected }
            entries[node.id] = nil
            return nil
        }
    }

    /// A report goes out.
    func add(_ report: NodeStatus, of node: Node, now: Instant) {
        entries.withLock { entries in
            if entries.count >= Self.limit, entries[node.id] == nil { entries = [:] }
            let earlier = entries[node.id]
            entries[node.id] = Entry(
                report: earlier?.report.merged(with: report) ?? report,
                taken: earlier?.taken ?? NodeStatus(),
                before: earlier?.before ?? node,
                due: now + Self.patience,
                patience: Self.patience
            )
        }
    }

    /// The registry has taken a report: from now on it has to show.
    func took(_ report: NodeStatus, of node: NodeID, now: Instant) {
        entries.withLock { entries in
            guard var entry = entries[node] else { return }
            entry.taken = entry.taken.merged(with: report)
            entry.due = now + Self.patience
            entries[node] = entry
        }
    }

    /// Nodes whose reports should show by now: the longest due first, at most ``batch``.
    func due(now: Instant) -> [NodeID] {
        entries.withLock { entries in
            let due = entries.filter { $0.value.due <= now }.sorted { $0.value.due < $1.value.due }
            return due.prefix(Self.batch).map(\.key)
        }
    }

    /// What to report again of a node that is due, given its row; `nil` when there is nothing to do.
    ///
    /// A node that holds no stream here may have gone to another gateway and reported other things there: what it said here only
    /// counts while nobody has written anything else since.
    func again(_ id: NodeID, row: Node?, isHere: Bool, now: Instant) -> NodeStatus? {
        entries.withLock { entries in
            guard var entry = entries[id] else { return nil }
            guard let row, entry.taken.applied(to: row) != row,
                isHere || entry.taken.values(in: row) == entry.taken.values(in: entry.before)
            else {
                entries[id] = nil
                return nil
            }
            entry.patience = min(entry.patience * 2, Self.lastPatience)
            entry.due = now + entry.patience
            entries[id] = entry
            return entry.taken
        }
    }
}

extension NodeStatus {
    /// What the node has in the fields that this report is about.
    fileprivate func values(in node: Node) -> NodeStatus {
        NodeStatus(
            discoKey: discoKey.map { _ in node.discoKey },
            hostinfo: hostinfo.map { _ in node.hostinfo },
            endpoints: endpoints.map { _ in node.endpoints },
            homeDERP: homeDERP.map { _ in node.homeDERP },
            capabilityVersion: capabilityVersion.map { _ in node.capabilityVersion },
            isOnline: isOnline.map { _ in node.isOnline },
            lastSeen: lastSeen.flatMap { _ in node.lastSeen }
        )
    }
}
