import Bus
import ControlModel
import Synchronization

/// Gathers reports about nodes and has them written behind, one batch at a time, when ``StatusPace`` says so.
final class StatusWriter: Sendable {
    typealias Batch = [(node: NodeID, status: NodeStatus)]

    /// How often at least it looks whether a batch is full while it waits for more.
    private static let step = Duration.milliseconds(10)
    /// Pause after a batch could not be written.
    private static let retryDelay = Duration.seconds(1)

    /// Whose turn it is to write: one at a time, so that an older report never overwrites a later one.
    private struct Turn {
        var isTaken = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let buffer = Mutex(StatusBuffer())
    private let turn = Mutex(Turn())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init() {
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ status: NodeStatus, of node: NodeID) throws(RequestFailure) {
        guard buffer.withLock({ $0.add(status, of: node) }) else {
            throw RequestFailure(.exhausted, "too many reports wait to be written, try again")
        }
        wake.yield()
    }

    /// Writes what comes, until the task is cancelled.
    ///
    /// - Parameter write: returns whether the batch is done with; if not, it is tried again.
    func run<C: Clock<Duration>>(pace: StatusPace, clock: C, write: (Batch) async -> Bool) async {
        var earliest = clock.now
        for await _ in wakes {
            while !buffer.withLock({ $0.isEmpty }) {
                let start = max(earliest, clock.now.advanced(by: pace.gathering))
                guard await untilFull(orAt: start, clock) else { return }
                let started = clock.now
                while await !flush(atLeast: 1, write: write) {
                    guard (try? await clock.sleep(for: Self.retryDelay)) != nil else { return }
                }
                let ended = clock.now
                earliest = ended.advanced(by: pace.pause(afterCost: started.duration(to: ended)))
            }
        }
    }

    /// Waits until a whole batch waits or `deadline` has come; `false` when the task was cancelled.
    private func untilFull<C: Clock<Duration>>(orAt deadline: C.Instant, _ clock: C) async -> Bool {
        while !buffer.withLock({ $0.isFull }) {
            let rest = clock.now.duration(to: deadline)
            guard rest > .zero else { return true }
            guard (try? await clock.sleep(for: min(rest, Self.step))) != nil else { return false }
        }
        return true
    }

    /// Writes all that waits by now; `false` when a batch could not be written and was put back.
    func flush(write: (Batch) async -> Bool) async -> Bool {
        await flush(atLeast: buffer.withLock { $0.count }, write: write)
    }

    /// Writes batches until they were about so many nodes, or nothing is left.
    private func flush(atLeast count: Int, write: (Batch) async -> Bool) async -> Bool {
        await takeTurn()
        defer { passTurn() }
        var rest = count
        while rest > 0 {
            let batch = buffer.withLock { $0.take() }
            guard !batch.isEmpty else { return true }
            guard await write(batch) else {
                buffer.withLock { $0.putBack(batch) }
                return false
            }
            rest -= batch.count
        }
        return true
    }

    private func takeTurn() async {
        await withCheckedContinuation { waiter in
            let isMine = turn.withLock { turn in
                if turn.isTaken { turn.waiters.append(waiter) }
                defer { turn.isTaken = true }
                return !turn.isTaken
            }
            if isMine { waiter.resume() }
        }
    }

    private func passTurn() {
        let next = turn.withLock { turn in
            turn.isTaken = !turn.waiters.isEmpty
            return turn.isTaken ? turn.waiters.removeFirst() : nil
        }
        next?.resume()
    }
}
