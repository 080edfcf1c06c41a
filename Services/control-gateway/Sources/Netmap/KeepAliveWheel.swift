import NIOCore

/// One timer for the keep-alives of all streams of an event loop.
///
/// Slots of a second; a stream sits in the slot of its next check. A stream that sent something since then is only moved on.
struct KeepAliveWheel<ID: Hashable> {
    /// Clients give up after 120 s without a message.
    static var interval: TimeAmount { .seconds(50) }
    /// Spread, so that streams opened together do not stay together.
    static var jitterSeconds: Int { 9 }

    private static var slotCount: Int { 64 }

    private var slots: [Set<ID>]
    private var current = 0

    init() {
        slots = Array(repeating: [], count: Self.slotCount)
    }

    /// Puts a stream in the slot that comes up after `delay`, at least a second and less than 64 s from now.
    mutating func schedule(_ id: ID, after delay: TimeAmount) {
        let seconds = Int(delay.nanoseconds / 1_000_000_000)
        let ahead = min(max(1, seconds), Self.slotCount - 1)
        slots[(current + ahead) % Self.slotCount].insert(id)
    }

    /// Moves on by one second; returns the streams to check, which are no longer in the wheel.
    mutating func advance() -> Set<ID> {
        current = (current + 1) % Self.slotCount
        let due = slots[current]
        slots[current] = []
        return due
    }
}
