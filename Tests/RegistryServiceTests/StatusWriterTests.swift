import ControlModel
import Foundation
import Synchronization
import TestKit
import Testing

@testable import RegistryService

@Suite("Writing reports behind", .timeLimit(.minutes(1)))
struct StatusWriterTests {
    /// One write: when it began, and about which nodes.
    private struct Written: Equatable {
        var at: Duration
        var nodes: [Int64]
    }

    private let clock = JumpingClock()
    private let writer = StatusWriter()

    private func report(_ nodes: some Sequence<Int64>) {
        for node in nodes { try? writer.add(NodeStatus(homeDERP: 1), of: .fixture(node)) }
    }

    /// The first writes.
    ///
    /// - Parameter write: what happens during the one with this number, counted from 0; returns whether it is done with.
    private func writes(
        _ count: Int,
        pace: StatusPace = StatusPace(longestPause: .milliseconds(50)),
        _ write: @escaping @Sendable (Int) -> Bool
    ) async -> [Written] {
        let (stream, sink) = AsyncStream.makeStream(of: Written.self)
        return await withTaskGroup { group in
            group.addTask { [writer, clock] in
                var number = 0
                await writer.run(pace: pace, clock: clock) { batch in
                    sink.yield(Written(at: clock.now.offset, nodes: batch.map(\.node.rawValue)))
                    defer { number += 1 }
                    return write(number)
                }
            }
            var written: [Written] = []
            for await next in stream {
                written.append(next)
                if written.count == count { break }
            }
            group.cancelAll()
            return written
        }
    }

    @Test("a lone report is written at once")
    func lone() async {
        report([1])
        #expect(await writes(1) { _ in true } == [Written(at: .zero, nodes: [1])])
    }

    @Test("what comes during a write goes together, after a pause in proportion to what the write cost")
    func together() async {
        report([1])
        let written = await writes(3) { number in
            report([[2, 3], [4], []][number])
            clock.advance(by: .milliseconds([3, 1, 0][number]))
            return true
        }
        #expect(
            written == [
                Written(at: .zero, nodes: [1]),
                Written(at: .milliseconds(15), nodes: [2, 3]),
                Written(at: .milliseconds(20), nodes: [4]),
            ]
        )
    }

    @Test("no pause is longer than the stated bound", arguments: [13, 50, 60_000])
    func bounded(cost: Int64) async {
        report([1])
        let written = await writes(2) { _ in
            report([2])
            clock.advance(by: .milliseconds(cost))
            return true
        }
        #expect(written.last == Written(at: .milliseconds(cost + 50), nodes: [2]))
    }

    @Test("a whole batch does not wait for the end of a pause")
    func full() async {
        report([1])
        let crowd = 2..<Int64(StatusBuffer.batchSize + 3)
        let written = await writes(3) { number in
            if number == 0 { report(crowd) }
            clock.advance(by: .milliseconds(5))
            return true
        }
        #expect(written.map(\.at) == [.zero, .milliseconds(5), .milliseconds(30)])
        #expect(written.map(\.nodes.count) == [1, StatusBuffer.batchSize, 1])
    }

    @Test("what could not be written is tried again with what came since")
    func again() async {
        report([1])
        let written = await writes(2) { number in
            if number == 0 { report([2]) }
            return number > 0
        }
        #expect(written.map(\.at) == [.zero, .seconds(1)])
        #expect(written.last?.nodes.sorted() == [1, 2])
    }

    @Test("where reports are to gather, a lone one waits, too")
    func gathering() async {
        report([1])
        let pace = StatusPace(longestPause: .milliseconds(50), gathering: .seconds(4))
        #expect(await writes(1, pace: pace) { _ in true } == [Written(at: .seconds(4), nodes: [1])])
    }

    @Test("a flush ends with what waited when it began, however much comes meanwhile")
    func flush() async {
        report([1])
        var next: Int64 = 1
        let isDone = await writer.flush { _ in
            next += 1
            report([next])
            return true
        }
        #expect(isDone)
        #expect(next == 2)
    }
}

/// A clock that is where a sleeper wants it to be at once.
private final class JumpingClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private let state = Mutex(Instant(offset: .zero))

    var now: Instant { state.withLock { $0 } }
    let minimumResolution = Duration.nanoseconds(1)

    func advance(by duration: Duration) {
        state.withLock { $0 = $0.advanced(by: duration) }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        state.withLock { $0 = max($0, deadline) }
    }
}
