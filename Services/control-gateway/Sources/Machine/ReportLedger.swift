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
        /// In the order in which they went out.
        var reports: [Report] = []
        /// The row when the first of them was made.
        var before: Node
        var due: Instant
        var patience: Duration

        /// All that was said.
        var said: NodeStatus { merged { _ in true } }
        /// What of it the registry has taken; the rest its node will say again, or is no longer there to say.
        var taken: NodeStatus { merged(\.isTaken) }

        private func merged(_ isIncluded: (Report) -> Bool) -> NodeStatus {
            reports.filter(isIncluded).reduce(NodeStatus()) { $0.merged(with: $1.status) }
        }

        mutating func add(_ report: Report) {
            reports.append(report)
            guard reports.count > ReportLedger.reportLimit else { return }
            // As one, unless only one was taken: that has to show.
            let (first, second) = (reports.removeFirst(), reports.removeFirst())
            var both = first.isTaken ? first : second
            if first.isTaken == second.isTaken {
                both = second
                both.status = first.status.merged(with: second.status)
            }
            reports.insert(both, at: 0)
        }
    }

    private struct Report {
        var number: UInt64
        var status: NodeStatus
        var isTaken = false
    }

    /// Reports of one node that are kept apart.
    private static let reportLimit = 16

    private let entries = Mutex<[NodeID: Entry]>([:])
    private let numbers = Atomic<UInt64>(0)

    /// The node as it will be once its reports are written; `nil` where the row says so already.
    func expected(_ node: Node) -> Node? {
        entries.withLock { entries in
            guard let entry = entries[node.id] else { return nil }
            let expected = entry.said.applied(to: node)
            if expected != node { return expected }
            entries[node.id] = nil
            return nil
        }
    }

    /// A report goes out; returns its number.
    func add(_ report: NodeStatus, of node: Node, now: Instant) -> UInt64 {
        let number = numbers.add(1, ordering: .relaxed).newValue
        entries.withLock { entries in
            if entries.count >= Self.limit, entries[node.id] == nil { entries = [:] }
            var entry = entries[node.id] ?? Entry(before: node, due: now, patience: Self.patience)
            entry.add(Report(number: number, status: report))
            (entry.due, entry.patience) = (now + Self.patience, Self.patience)
            entries[node.id] = entry
        }
        return number
    }

    /// The registry has taken a report: from now on it has to show.
    func took(_ number: UInt64, of node: NodeID, now: Instant) {
        entries.withLock { entries in
            guard let index = entries[node]?.reports.firstIndex(where: { $0.number == number }) else { return }
            entries[node]?.reports[index].isTaken = true
            entries[node]?.due = now + Self.patience
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
            let taken = entry.taken
            guard let row, taken.applied(to: row) != row,
                isHere || taken.values(in: row) == taken.values(in: entry.before)
            else {
                entries[id] = nil
                return nil
            }
            entry.patience = min(entry.patience * 2, Self.lastPatience)
            entry.due = now + entry.patience
            entries[id] = entry
            return taken
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
