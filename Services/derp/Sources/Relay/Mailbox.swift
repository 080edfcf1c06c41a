import NIOCore
import Synchronization

/// What waits to be written to one client.
///
/// Any event loop puts in, the client's own takes out. Putting in tells at most once that the client's loop must be woken,
/// so that many senders cost one hop.
final class Mailbox: Sendable {
    /// Which queue a batch waits in.
    enum Lane: Sendable {
        case disco
        case other
        case notice
    }

    /// What became of a batch.
    struct Outcome: Equatable, Sendable {
        /// Whether the caller must have the mailbox drained on its loop.
        var mustWake = false
        /// Frames dropped to make room.
        var dropped = 0
        /// The client is gone; nothing was kept.
        var isClosed = false
    }

    private enum Drain {
        case idle
        /// A drain is on its way or under way.
        case scheduled
        /// The socket is full; its writability starts the next drain.
        case suspended
        case closed
    }

    private struct State {
        var drain = Drain.idle
        var disco: PacketLane
        var other: PacketLane
        var notices: PacketLane
        var isDiscoNext = true
    }

    private let state: Mutex<State>

    init(limits: DERPRelayLimits) {
        state = Mutex(
            State(
                disco: PacketLane(packetLimit: limits.queuedDiscoPackets, byteLimit: limits.queuedDiscoBytes),
                other: PacketLane(packetLimit: limits.queuedPackets, byteLimit: limits.queuedBytes),
                notices: PacketLane(packetLimit: limits.queuedNotices, byteLimit: .max)
            )
        )
    }

    func put(_ batch: PacketBatch, in lane: Lane) -> Outcome {
        state.withLock { state in
            if case .closed = state.drain { return Outcome(isClosed: true) }
            var outcome = Outcome()
            switch lane {
            case .disco: outcome.dropped = state.disco.append(batch)
            case .other: outcome.dropped = state.other.append(batch)
            case .notice: outcome.dropped = state.notices.append(batch)
            }
            if case .idle = state.drain {
                state.drain = .scheduled
                outcome.mustWake = true
            }
            return outcome
        }
    }

    /// The next batch; when there is none, the mailbox is idle again.
    ///
    /// Notices go first; disco and other packets take turns, so that neither starves the other.
    func take() -> PacketBatch? {
        state.withLock { state in
            if let notice = state.notices.next() { return notice }
            state.isDiscoNext.toggle()
            let batch =
                if state.isDiscoNext { state.disco.next() ?? state.other.next() } else {
                    state.other.next() ?? state.disco.next()
                }
            if let batch { return batch }
            if case .closed = state.drain { return nil }
            state.drain = .idle
            return nil
        }
    }

    /// The socket is full: do not wake the loop until it has drained some more.
    func suspend() {
        state.withLock { state in
            if case .closed = state.drain { return }
            state.drain = .suspended
        }
    }

    /// The client is gone: forgets all and takes nothing any more.
    func close() {
        state.withLock { state in
            state.drain = .closed
            while state.disco.next() != nil || state.other.next() != nil || state.notices.next() != nil {}
        }
    }
}
