import Bus

/// Messages that are expected as answers, each under a number that is part of the subject they come to.
struct Conversations {
    typealias ID = UInt64
    typealias Waiter = CheckedContinuation<Outcome, Never>

    enum Outcome: Sendable {
        case message(IncomingMessage)
        case late
        case cancelled
        case closed
    }

    private struct Slot {
        var waiter: Waiter?
        /// What came before the asker waited for it.
        var outcome: Outcome?
    }

    private var slots: [ID: Slot] = [:]
    private var lastID: ID = 0
    private(set) var isClosed = false

    mutating func open() -> ID {
        lastID &+= 1
        slots[lastID] = Slot()
        return lastID
    }

    /// Lets the asker wait; returns the outcome instead when it is there already.
    mutating func wait(for id: ID, with waiter: Waiter) -> Outcome? {
        if let outcome = slots[id]?.outcome {
            slots[id]?.outcome = nil
            return outcome
        }
        if isClosed { return .closed }
        slots[id]?.waiter = waiter
        return slots[id] == nil ? .late : nil
    }

    /// Says how a wait ends, unless it has ended; returns whom to tell.
    mutating func settle(_ id: ID, _ outcome: Outcome) -> Waiter? {
        guard var slot = slots[id] else { return nil }
        guard let waiter = slot.waiter else {
            if slot.outcome == nil { slot.outcome = outcome }
            slots[id] = slot
            return nil
        }
        slot.waiter = nil
        slots[id] = slot
        return waiter
    }

    mutating func end(_ id: ID) {
        slots[id] = nil
    }

    /// Ends all waits, and those to come.
    mutating func close() -> [Waiter] {
        isClosed = true
        let waiters = slots.values.compactMap(\.waiter)
        for id in slots.keys { slots[id]?.waiter = nil }
        return waiters
    }
}
