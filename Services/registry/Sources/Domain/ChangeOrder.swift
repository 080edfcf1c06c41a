import ControlModel

/// Brings the changes of this process's concurrent commits into the order of their versions.
///
/// A commit takes a ticket before it begins. Changes behind a gap wait for the commits that were under way when they came: one of
/// them may fill it. A gap that remains belongs to another process, which publishes its own changes; nothing waits for that.
struct ChangeOrder: Sendable {
    /// Changes held back at most.
    static let limit = 4096

    typealias Ticket = UInt64

    private struct Held {
        var change: RegistryChange
        /// Waits for tickets up to this one.
        var barrier: Ticket
    }

    private var last: Version
    private var lastTicket: Ticket = 0
    private var open: Set<Ticket> = []
    /// By version.
    private var held: [Held] = []
    /// Whether nothing moved since the last tick.
    private var isStuck = false

    /// - Parameter last: the version before the first change to come, where it is known.
    init(after last: Version = 0) {
        self.last = last
    }

    mutating func begin() -> Ticket {
        lastTicket += 1
        open.insert(lastTicket)
        return lastTicket
    }

    /// Takes what a commit made, which is nothing where it failed, and returns all whose turn has come.
    mutating func end(_ ticket: Ticket, _ changes: [RegistryChange]) -> [RegistryChange] {
        open.remove(ticket)
        for change in changes {
            let index = held.lastIndex { $0.change.version < change.version }.map { $0 + 1 } ?? 0
            held.insert(Held(change: change, barrier: lastTicket), at: index)
        }
        return held.count > Self.limit ? takeAll() : takeReady()
    }

    /// Gives up on commits that take from one tick to the next.
    mutating func tick() -> [RegistryChange] {
        if isStuck { return takeAll() }
        isStuck = !held.isEmpty
        return []
    }

    /// What is held back, in order.
    mutating func takeAll() -> [RegistryChange] {
        defer { (held, isStuck) = ([], false) }
        last = max(last, held.last?.change.version ?? last)
        return held.map(\.change)
    }

    private mutating func takeReady() -> [RegistryChange] {
        guard !held.isEmpty else { return [] }
        let oldest = open.min() ?? .max
        let count =
            held.firstIndex { item in
                guard item.change.version <= last + 1 || item.barrier < oldest else { return true }
                last = max(last, item.change.version)
                return false
            } ?? held.count
        let ready = held.prefix(count).map(\.change)
        held.removeFirst(count)
        if count > 0 { isStuck = false }
        return ready
    }
}
