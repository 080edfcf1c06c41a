/// The boxes that messages of subscriptions go to, so that closing the bus can close them.
struct Readers {
    private var events: [UInt64: Mailbox] = [:]
    private var requests: [UInt64: Mailbox] = [:]
    private var lastID: UInt64 = 0
    private var isClosed = false

    /// Whether responders still work.
    var areServing: Bool { !requests.isEmpty }

    /// `nil` when the bus is closed.
    mutating func add(events mailbox: Mailbox) -> UInt64? {
        guard let id = nextID() else { return nil }
        events[id] = mailbox
        return id
    }

    /// `nil` when the bus is closed.
    mutating func add(requests mailbox: Mailbox) -> UInt64? {
        guard let id = nextID() else { return nil }
        requests[id] = mailbox
        return id
    }

    mutating func remove(_ id: UInt64) {
        events[id] = nil
        requests[id] = nil
    }

    mutating func close() -> [Mailbox] {
        isClosed = true
        return Array(events.values) + Array(requests.values)
    }

    private mutating func nextID() -> UInt64? {
        guard !isClosed else { return nil }
        lastID += 1
        return lastID
    }
}
